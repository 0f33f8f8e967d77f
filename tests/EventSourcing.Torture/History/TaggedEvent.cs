using System.Data;
using Npgsql;

namespace EventSourcing.Torture;

/// <summary>What an event is about, as it lies in the table, read by plain SQL.</summary>
internal sealed record TaggedEvent(long Position, int Bucket, Guid Id, string Type, IReadOnlyList<string> Tags)
{
    /// <summary>A row by which an event is found.</summary>
    internal sealed record Row(string Tag, long Position, int Bucket, string Type);

    /// <summary>The rows by which the event is to be found.</summary>
    public IEnumerable<Row> Rows => Tags.Select(tag => new Row(tag, Position, Bucket, Type));

    /// <summary>The log in order of positions, and the rows by which events are found, as of one moment.</summary>
    public static async Task<(IReadOnlyList<TaggedEvent> Log, IReadOnlyList<Row> Index)> ReadAllAsync(NpgsqlDataSource dataSource, string schema)
    {
        await using var connection = await dataSource.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead);
        var log = await RowsAsync(
            $"select position, bucket, event_id, type, coalesce(tags, '{{}}') from {schema}.events order by position",
            row => new TaggedEvent(row.GetInt64(0), row.GetInt16(1), row.GetGuid(2), row.GetString(3), row.GetFieldValue<string[]>(4)));
        var index = await RowsAsync(
            $"select tag, position, bucket, type from {schema}.event_tags",
            row => new Row(row.GetString(0), row.GetInt64(1), row.GetInt16(2), row.GetString(3)));
        return (log, index);

        async Task<List<T>> RowsAsync<T>(string sql, Func<NpgsqlDataReader, T> read)
        {
            await using var command = new NpgsqlCommand(sql, connection, transaction) { CommandTimeout = 300 };
            await using var rows = await command.ExecuteReaderAsync();
            var found = new List<T>();
            while (await rows.ReadAsync())
            {
                found.Add(read(rows));
            }

            return found;
        }
    }
}
