using System.Data;
using System.Text.Json;
using Npgsql;

namespace EventSourcing.Torture;

/// <summary>Log, checkpoints and read models as they are at one moment, read by plain SQL in one REPEATABLE READ transaction.</summary>
internal sealed class Snapshot
{
    public required IReadOnlyList<LoggedEvent> Log { get; init; }

    /// <summary>Where each shard that serves stands.</summary>
    public required IReadOnlyList<(string Name, int Shard, int Shards, int Version, long Position)> Serving { get; init; }

    /// <summary>What appends apply by now.</summary>
    public required IReadOnlyList<string> Inline { get; init; }

    /// <summary>By projection, what its read model shows; nothing where it has none yet.</summary>
    public required IReadOnlyDictionary<string, IReadOnlyDictionary<string, Tally>> Views { get; init; }

    /// <summary>The positions of the events that the free SQL has applied, in order.</summary>
    public required IReadOnlyList<long> Applied { get; init; }

    public static async Task<Snapshot> ReadAsync(NpgsqlDataSource dataSource, string schema)
    {
        await using var connection = await dataSource.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead);
        var serving = await RowsAsync(
            $"select name, shard, shards, version, position from {schema}.consumers where is_serving order by name, shard",
            row => (row.GetString(0), (int)row.GetInt16(1), (int)row.GetInt16(2), row.GetInt32(3), row.GetInt64(4)));
        var inline = await RowsAsync($"select name from {schema}.consumers where is_serving and is_inline", row => row.GetString(0));
        var log = await RowsAsync(
            $"select event_id, position, bucket, stream_name, type, data::text from {schema}.events order by position",
            row => Parse(row.GetGuid(0), row.GetInt64(1), row.GetInt16(2), row.GetString(3), row.GetString(4), row.GetString(5)));
        var views = new Dictionary<string, IReadOnlyDictionary<string, Tally>>();
        const string Document = "select key, (data->>'count')::bigint, (data->>'sum')::bigint, (data->>'chain')::bigint, (data->>'version')::integer from";
        const string Columns = "select key, count, sum, chain, version from";
        await ViewsAsync("balances", Document, "views");
        await ViewsAsync("labels", Document, "views");
        await ViewsAsync(Inlined.Table, Document, "views");
        await ViewsAsync("ledgers", Columns, "views");
        await ViewsAsync("sums", Columns, "sums");
        var applied = views.ContainsKey("sums")
            ? await RowsAsync($"select position from {schema}_sums.applied order by position", row => row.GetInt64(0))
            : [];
        return new Snapshot { Log = log, Serving = serving, Inline = inline, Views = views, Applied = applied };

        async Task ViewsAsync(string name, string select, string table)
        {
            var full = $"{schema}_{name}.{table}";
            if ((await RowsAsync($"select to_regclass('{full}') is not null", row => row.GetBoolean(0)))[0])
            {
                var rows = await RowsAsync(
                    $"{select} {full}",
                    row => (Key: row.GetString(0), View: new Tally(row.GetInt64(1), row.GetInt64(2), row.GetInt64(3), row.GetInt32(4))));
                views[name] = rows.ToDictionary(row => row.Key, row => row.View, StringComparer.Ordinal);
            }
        }

        async Task<List<T>> RowsAsync<T>(string sql, Func<NpgsqlDataReader, T> read)
        {
            await using var command = new NpgsqlCommand(sql, connection, transaction);
            await using var rows = await command.ExecuteReaderAsync();
            var found = new List<T>();
            while (await rows.ReadAsync())
            {
                found.Add(read(rows));
            }

            return found;
        }
    }

    private static LoggedEvent Parse(Guid id, long position, int bucket, string stream, string type, string data)
    {
        using var json = JsonDocument.Parse(data);
        var root = json.RootElement;
        return new LoggedEvent(
            id,
            position,
            bucket,
            stream,
            type,
            root.TryGetProperty("amount", out var amount) ? amount.GetInt64() : 0,
            root.TryGetProperty("labels", out var labels) ? [.. labels.EnumerateArray().Select(label => label.GetString()!)] : [],
            root.TryGetProperty("label", out var one) ? one.GetString() : null,
            root.TryGetProperty("number", out var number) ? number.GetInt64() : 0);
    }
}
