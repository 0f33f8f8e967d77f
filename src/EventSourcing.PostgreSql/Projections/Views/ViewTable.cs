using System.Runtime.CompilerServices;
using Npgsql;
using NpgsqlTypes;

namespace EventSourcing.PostgreSql;

/// <summary>
/// The views of one projection in a table. A page is written in one statement: it moves the checkpoint where the lease holds,
/// and writes only where that has moved. So it needs no transaction around it, and nothing is locked while views are folded.
/// </summary>
internal sealed class ViewTable<TView> : IViewTable<TView>
    where TView : class
{
    private readonly PostgreSqlEventStore store;
    private readonly ViewProjection<TView> projection;
    private readonly ReadModelSchema schema;
    private readonly IViewFormat<TView> format;

    public ViewTable(PostgreSqlEventStore store, ViewProjection<TView> projection, IViewFormat<TView> format)
    {
        this.store = store;
        this.projection = projection;
        this.format = format;
        schema = new ReadModelSchema(store.SchemaName, projection.Name);
    }

    private string Serving => $"{ReadModelSchema.Quoted(schema.Name)}.{ViewSql.TableName}";

    private string Columns => ViewSql.Columns(format);

    public async Task<LogPosition> PrepareAsync(ConsumerLease lease, CancellationToken cancellationToken)
    {
        var position = LogPosition.Start;
        var columns = format.Columns.Zip(format.Types, (name, type) => $"{name} {type}");

        // Room on each page of the table, so that a view's new version needs no new entry in the index.
        await new LeasedTransaction(store, lease).RunAsync(
            schema.Of(lease.Key.Generation, lease.Role),
            isSetUp: true,
            async (transaction, at) =>
            {
                position = at;
                var isThere = await transaction.QueryAsync<bool>("select to_regclass(@table) is not null", new { table = TableOf(lease) }).ConfigureAwait(false);
                if (isThere[0])
                {
                    return;
                }

                await transaction
                    .ExecuteAsync($"create table {TableOf(lease)} (key text collate \"C\" primary key, {string.Join(", ", columns)}) with (fillfactor = 50)")
                    .ConfigureAwait(false);
            },
            cancellationToken).ConfigureAwait(false);
        return position;
    }

    public async Task<IReadOnlyDictionary<string, TView>> LoadAsync(
        ConsumerLease lease, IReadOnlyCollection<string> keys, CancellationToken cancellationToken) =>
        await store.Session.ReadAsync(
            ViewSql.Load(format, TableOf(lease)),
            parameters => parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. keys] }),
            async row =>
            {
                var views = new Dictionary<string, TView>(StringComparer.Ordinal);
                while (await row.ReadAsync(cancellationToken).ConfigureAwait(false))
                {
                    views.Add(row.GetString(0), format.Read(row));
                }

                return views;
            },
            cancellationToken).ConfigureAwait(false);

    public Task WriteAsync(ConsumerLease lease, EventPage page, IReadOnlyDictionary<string, TView?> changes, CancellationToken cancellationToken) =>
        PostgreSqlErrors.TranslateAsync(store.SchemaName, () => ViewErrors.TranslateAsync(projection.Name, () => store.Session.OnConnectionAsync(
            async connection =>
            {
                var batch = new NpgsqlBatch(connection);
                await using (batch.ConfigureAwait(false))
                {
                    // A read model that is lost by a crash of the server is lost with its checkpoint: this commit need not wait for the disk.
                    batch.BatchCommands.Add(new NpgsqlBatchCommand("select set_config('synchronous_commit', 'off', true)"));
                    var write = new NpgsqlBatchCommand(WriteStatement(lease));
                    Bind(write.Parameters, lease, page, changes);
                    batch.BatchCommands.Add(write);
                    if (await store.Session.MayPrepareAsync(connection, cancellationToken).ConfigureAwait(false))
                    {
                        await batch.PrepareAsync(cancellationToken).ConfigureAwait(false);
                    }

                    var rows = await batch.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
                    await using (rows.ConfigureAwait(false))
                    {
                        await rows.NextResultAsync(cancellationToken).ConfigureAwait(false);
                        return await rows.ReadAsync(cancellationToken).ConfigureAwait(false) && rows.GetInt64(0) == 1
                            ? true
                            : throw new LeaseLostException(lease.Key);
                    }
                }
            },
            cancellationToken)));

    public Task ReplaceAsync(string key, Func<LogPosition, Task<TView?>> fold, CancellationToken cancellationToken) =>
        new ViewReplacement<TView>(store, format, projection, Serving).RunAsync(key, fold, cancellationToken);

    public async Task<TView?> FindAsync(string key, CancellationToken cancellationToken = default)
    {
        ViewKey.ThrowIfInvalid(key);
        try
        {
            return await store.Session.ReadAsync(
                $"select key, {Columns} from {Serving} where key = $1",
                parameters => parameters.Add(new NpgsqlParameter<string> { TypedValue = key }),
                async row => await row.ReadAsync(cancellationToken).ConfigureAwait(false) ? format.Read(row) : null,
                cancellationToken).ConfigureAwait(false);
        }
        catch (SchemaNotInstalledException)
        {
            // The projection has not begun yet.
            return null;
        }
    }

    public async IAsyncEnumerable<KeyValuePair<string, TView>> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        // Page by page: nothing is held while the caller works.
        const int PageSize = 1_000;
        string? after = null;
        IReadOnlyList<KeyValuePair<string, TView>> page;
        do
        {
            page = await ReadPageAsync(after, PageSize, cancellationToken).ConfigureAwait(false);
            foreach (var view in page)
            {
                yield return view;
            }

            after = page.Count > 0 ? page[^1].Key : after;
        }
        while (page.Count == PageSize);
    }

    private async Task<IReadOnlyList<KeyValuePair<string, TView>>> ReadPageAsync(string? after, int count, CancellationToken cancellationToken)
    {
        try
        {
            return await store.Session.ReadAsync(
                // The first key of all is the empty one.
                $"select key, {Columns} from {Serving} where key {(after is null ? ">=" : ">")} $1 order by key limit $2",
                parameters =>
                {
                    parameters.Add(new NpgsqlParameter<string> { TypedValue = after ?? string.Empty });
                    parameters.Add(new NpgsqlParameter<int> { TypedValue = count });
                },
                async row =>
                {
                    var views = new List<KeyValuePair<string, TView>>();
                    while (await row.ReadAsync(cancellationToken).ConfigureAwait(false))
                    {
                        views.Add(new KeyValuePair<string, TView>(row.GetString(0), format.Read(row)));
                    }

                    return views;
                },
                cancellationToken).ConfigureAwait(false);
        }
        catch (SchemaNotInstalledException)
        {
            return [];
        }
    }

    private string TableOf(ConsumerLease lease) => $"{ReadModelSchema.Quoted(schema.Of(lease.Key.Generation, lease.Role))}.{ViewSql.TableName}";

    private string WriteStatement(ConsumerLease lease)
    {
        var table = TableOf(lease);
        return $"""
            {LeasedPage.Fence(store.SchemaName)}, gone as (
              delete from {table} where key = any ($13) and exists (select from fence)
            ), kept as (
              {ViewSql.Keep(format, table, first: 14, condition: "exists (select from fence)")}
            )
            select count(*) from fence
            """;
    }

    private void Bind(NpgsqlParameterCollection parameters, ConsumerLease lease, EventPage page, IReadOnlyDictionary<string, TView?> changes)
    {
        var gone = new List<string>();
        var keys = new List<string>(changes.Count);
        var views = new List<TView>(changes.Count);
        foreach (var (key, view) in changes)
        {
            if (view is null)
            {
                gone.Add(key);
            }
            else
            {
                keys.Add(key);
                views.Add(view);
            }
        }

        LeasedPage.BindLease(parameters, lease);
        LeasedPage.BindPage(parameters, page);
        parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. gone], NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
        parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. keys], NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
        format.Bind(parameters, views);
    }
}
