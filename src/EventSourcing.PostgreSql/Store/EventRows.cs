using Npgsql;

namespace EventSourcing.PostgreSql;

/// <summary>Rows of the event statements as recorded events.</summary>
internal static class EventRows
{
    public static RecordedEvent Read(NpgsqlDataReader row, StreamName stream) => new()
    {
        Stream = stream,
        Version = new StreamVersion(row.GetInt64(0)),
        Position = new LogPosition(row.GetInt64(1)),
        Id = row.GetGuid(2),
        Type = row.GetString(3),
        Data = row.GetFieldValue<byte[]>(4),
        Metadata = row.IsDBNull(5) ? default : row.GetFieldValue<byte[]>(5),
        RecordedAt = row.GetFieldValue<DateTimeOffset>(6),
    };
}
