using Npgsql;
using NpgsqlTypes;

namespace EventSourcing.PostgreSql;

/// <summary>Views that appends write in their own transactions: load, fold, write, in the append's transaction.</summary>
internal sealed class InlineViews<TView>(ViewProjection<TView> projection, IViewFormat<TView> format) : IInlineTarget
    where TView : class
{
    public async Task ApplyAsync(ProjectionTransaction transaction, string tables, IReadOnlyList<EventEnvelope> events)
    {
        var table = $"{tables}.{ViewSql.TableName}";
        var keys = events.Select(envelope => projection.KeysOf(envelope)).ToArray();
        var all = keys.SelectMany(some => some).Distinct(StringComparer.Ordinal).ToArray();
        if (all.Length == 0)
        {
            return;
        }

        if (!projection.IsByStream)
        {
            // A view of one stream is guarded by the append's lock of that stream. Others by their keys, in one order, one lock for each
            // hash; also before they exist.
            await transaction
                .ExecuteAsync(
                    "select pg_advisory_xact_lock(hashtextextended(@table || key, 0)) from (select key from unnest(@all) key order by hashtextextended(@table || key, 0)) k",
                    new { table, all })
                .ConfigureAwait(false);
        }

        var views = await LoadAsync(transaction, table, all).ConfigureAwait(false);
        for (var i = 0; i < keys.Length; i++)
        {
            foreach (var key in keys[i])
            {
                views[key] = projection.Fold(views.GetValueOrDefault(key), key, events[i]);
            }
        }

        await ViewErrors.TranslateAsync(projection.Name, () => WriteAsync(transaction, table, views.Where(view => view.Value is null).Select(view => view.Key), views.Where(view => view.Value is not null).ToArray()!))
            .ConfigureAwait(false);
    }

    private async Task<Dictionary<string, TView?>> LoadAsync(ProjectionTransaction transaction, string table, string[] keys)
    {
        var views = new Dictionary<string, TView?>(StringComparer.Ordinal);
        var command = new NpgsqlCommand(ViewSql.Load(format, table), transaction.Connection, transaction.Transaction);
        await using (command.ConfigureAwait(false))
        {
            command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = keys });
            var rows = await command.ExecuteReaderAsync(transaction.CancellationToken).ConfigureAwait(false);
            await using (rows.ConfigureAwait(false))
            {
                while (await rows.ReadAsync(transaction.CancellationToken).ConfigureAwait(false))
                {
                    views.Add(rows.GetString(0), format.Read(rows));
                }
            }
        }

        return views;
    }

    private async Task<bool> WriteAsync(ProjectionTransaction transaction, string table, IEnumerable<string> gone, KeyValuePair<string, TView>[] kept)
    {
        var batch = new NpgsqlBatch(transaction.Connection, transaction.Transaction);
        await using (batch.ConfigureAwait(false))
        {
            var delete = new NpgsqlBatchCommand($"delete from {table} where key = any ($1)");
            delete.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. gone], NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
            batch.BatchCommands.Add(delete);
            var keep = new NpgsqlBatchCommand(ViewSql.Keep(format, table, first: 1, condition: "true"));
            keep.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. kept.Select(view => view.Key)], NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
            format.Bind(keep.Parameters, [.. kept.Select(view => view.Value)]);
            batch.BatchCommands.Add(keep);
            await batch.ExecuteNonQueryAsync(transaction.CancellationToken).ConfigureAwait(false);
            return true;
        }
    }
}
