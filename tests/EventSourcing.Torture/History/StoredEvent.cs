using Npgsql;

namespace EventSourcing.Torture;

/// <summary>An event as it lies in the table, read by plain SQL.</summary>
internal sealed record StoredEvent(long Position, string Stream, long Version, Guid Id, string Print)
{
    /// <summary>The log in order of positions, and what the table of streams says of versions, as of one moment.</summary>
    public static async Task<(IReadOnlyList<StoredEvent> Log, IReadOnlyDictionary<string, long> Versions)> ReadAllAsync(NpgsqlDataSource dataSource, string schema)
    {
        await using var connection = await dataSource.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead);
        var log = new List<StoredEvent>();
        await using (var command = new NpgsqlCommand(
            $"select position, stream_name, version, event_id, type, convert_to(data::text, 'UTF8'), convert_to(coalesce(metadata::text, ''), 'UTF8') from {schema}.events order by position",
            connection,
            transaction))
        {
            command.CommandTimeout = 300;
            await using var rows = await command.ExecuteReaderAsync();
            while (await rows.ReadAsync())
            {
                log.Add(new StoredEvent(
                    rows.GetInt64(0), rows.GetString(1), rows.GetInt64(2), rows.GetGuid(3),
                    Fingerprint.Of(rows.GetString(4), rows.GetFieldValue<byte[]>(5), rows.GetFieldValue<byte[]>(6))));
            }
        }

        var versions = new Dictionary<string, long>(StringComparer.Ordinal);
        await using (var command = new NpgsqlCommand($"select name, version from {schema}.streams", connection, transaction))
        {
            await using var rows = await command.ExecuteReaderAsync();
            while (await rows.ReadAsync())
            {
                versions.Add(rows.GetString(0), rows.GetInt64(1));
            }
        }

        return (log, versions);
    }
}
