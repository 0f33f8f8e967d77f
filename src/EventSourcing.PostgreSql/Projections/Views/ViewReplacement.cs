using Npgsql;
using NpgsqlTypes;

namespace EventSourcing.PostgreSql;

/// <summary>Replaces one view by what the log says, while the projection is kept from writing.</summary>
internal sealed class ViewReplacement<TView>(PostgreSqlEventStore store, IViewFormat<TView> format, ViewProjection<TView> projection, string table)
    where TView : class
{
    public Task RunAsync(string key, Func<LogPosition, Task<TView?>> fold, CancellationToken cancellationToken) => StoreTransaction.RunAsync(
        store,
        async page =>
        {
            // Views of one stream each may be divided among shards; then the key is the stream's name.
            var bucket = projection.IsByStream ? StreamBucket.Of(key) : (short)0;

            // A new epoch: the owner has the old view at hand, and begins anew. Its row is locked until the end.
            var found = await page
                .QueryAsync<long>(
                    $"""
                    update {store.SchemaName.Quoted}.consumers set epoch = epoch + 1
                    where name = @Name and version = @Version and is_serving and @bucket >= 1024 * shard / shards and @bucket < 1024 * (shard + 1) / shards
                    returning position
                    """,
                    new { projection.Name, projection.Version, bucket })
                .ConfigureAwait(false);
            if (found.Count != 1)
            {
                throw new InvalidOperationException($"There is no view of '{projection.Name}' in version {projection.Version} yet: the projection has not begun, or another version serves.");
            }

            var view = await fold(new LogPosition(found[0])).ConfigureAwait(false);
            return await ViewErrors.TranslateAsync(projection.Name, () => WriteAsync(page, key, view)).ConfigureAwait(false);
        },
        isKept: null,
        cancellationToken);

    private async Task<bool> WriteAsync(ProjectionTransaction page, string key, TView? view)
    {
        var statement = view is null
            ? $"delete from {table} where key = any ($1)"
            : ViewSql.Keep(format, table, first: 1, condition: "true");
        var command = new NpgsqlCommand(statement, page.Connection, page.Transaction);
        await using (command.ConfigureAwait(false))
        {
            command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [key], NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
            if (view is not null)
            {
                format.Bind(command.Parameters, [view]);
            }

            await command.ExecuteNonQueryAsync(page.CancellationToken).ConfigureAwait(false);
            return true;
        }
    }
}
