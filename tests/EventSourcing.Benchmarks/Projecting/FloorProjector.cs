using System.Text.Json;
using Npgsql;
using NpgsqlTypes;

namespace EventSourcing.Benchmarks;

/// <summary>
/// By hand: page after page of the log's SELECT, the page's documents, the fold, one upsert of several rows, the checkpoint and
/// the commit, which as in the library does not wait for the disk. One connection, prepared statements. No lease, one process.
/// </summary>
internal sealed class FloorProjector(NpgsqlDataSource dataSource, string schema, int page)
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, PropertyNameCaseInsensitive = true };

    public static string TableOf(string schema) => $"{schema}.floor_views";

    /// <summary>Makes the read model's tables, and goes from the beginning of the log to its end.</summary>
    public async Task CatchUpAsync(CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using (var setUp = new NpgsqlCommand(
            $"""
            set synchronous_commit = off;
            create table {TableOf(schema)} (key text collate "C" primary key, data jsonb) with (fillfactor = 50);
            create table {schema}.floor_checkpoint (position bigint not null);
            insert into {schema}.floor_checkpoint values (0)
            """,
            connection))
        {
            await setUp.ExecuteNonQueryAsync(cancellationToken);
        }

        await using var read = new NpgsqlCommand(
            $"select position, stream_name, version, type, data from {schema}.events where position > $1 order by position limit {page}", connection);
        read.Parameters.Add(new NpgsqlParameter<long>());
        await using var load = new NpgsqlCommand($"select key, data from {TableOf(schema)} where key = any ($1)", connection);
        load.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [] });
        await read.PrepareAsync(cancellationToken);
        await load.PrepareAsync(cancellationToken);
        var last = 0L;
        while (await ReadAsync(read, last, cancellationToken) is { Count: > 0 } events)
        {
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            var views = await LoadAsync(load, [.. events.Select(one => one.Stream).Distinct(StringComparer.Ordinal)], cancellationToken);
            foreach (var (position, stream, version, @event) in events)
            {
                views[stream] = OrderView.After(views.GetValueOrDefault(stream), @event, version);
                last = position;
            }

            await WriteAsync(connection, views, last, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }
    }

    /// <summary>The documents that there are.</summary>
    public async Task<Dictionary<string, OrderView>> ReadAllAsync(CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var all = new NpgsqlCommand($"select key, data from {TableOf(schema)}", connection);
        return await ViewsAsync(all, cancellationToken);
    }

    public async Task DropAsync(CancellationToken cancellationToken)
    {
        await using var drop = dataSource.CreateCommand($"drop table if exists {TableOf(schema)}, {schema}.floor_checkpoint");
        await drop.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task<List<(long Position, string Stream, long Version, object Event)>> ReadAsync(
        NpgsqlCommand read, long after, CancellationToken cancellationToken)
    {
        ((NpgsqlParameter<long>)read.Parameters[0]).TypedValue = after;
        await using var row = await read.ExecuteReaderAsync(cancellationToken);
        var events = new List<(long, string, long, object)>();
        while (await row.ReadAsync(cancellationToken))
        {
            var data = row.GetFieldValue<byte[]>(4);
            object @event = row.GetString(3) switch
            {
                "order-placed" => JsonSerializer.Deserialize<OrderPlaced>(data, Json)!,
                "item-added" => JsonSerializer.Deserialize<ItemAdded>(data, Json)!,
                "order-paid" => JsonSerializer.Deserialize<OrderPaid>(data, Json)!,
                var type => throw new InvalidOperationException(type),
            };
            events.Add((row.GetInt64(0), row.GetString(1), row.GetInt64(2), @event));
        }

        return events;
    }

    private static Task<Dictionary<string, OrderView>> LoadAsync(NpgsqlCommand load, string[] keys, CancellationToken cancellationToken)
    {
        ((NpgsqlParameter<string[]>)load.Parameters[0]).TypedValue = keys;
        return ViewsAsync(load, cancellationToken);
    }

    private static async Task<Dictionary<string, OrderView>> ViewsAsync(NpgsqlCommand select, CancellationToken cancellationToken)
    {
        await using var row = await select.ExecuteReaderAsync(cancellationToken);
        var views = new Dictionary<string, OrderView>(StringComparer.Ordinal);
        while (await row.ReadAsync(cancellationToken))
        {
            views.Add(row.GetString(0), JsonSerializer.Deserialize<OrderView>(row.GetFieldValue<byte[]>(1), Json)!);
        }

        return views;
    }

    private async Task WriteAsync(NpgsqlConnection connection, Dictionary<string, OrderView> views, long position, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        var upsert = new NpgsqlBatchCommand(
            $"insert into {TableOf(schema)} (key, data) select u.* from unnest($1::text[], $2::jsonb[]) u on conflict (key) do update set data = excluded.data");
        upsert.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. views.Keys] });
        upsert.Parameters.Add(new NpgsqlParameter<byte[][]>
        {
            TypedValue = [.. views.Values.Select(view => JsonSerializer.SerializeToUtf8Bytes(view, Json))],
            NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Jsonb,
        });
        batch.BatchCommands.Add(upsert);
        var checkpoint = new NpgsqlBatchCommand($"update {schema}.floor_checkpoint set position = $1");
        checkpoint.Parameters.Add(new NpgsqlParameter<long> { TypedValue = position });
        batch.BatchCommands.Add(checkpoint);
        await batch.PrepareAsync(cancellationToken);
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }
}
