using Npgsql;

namespace EventSourcing.PostgreSql;

/// <summary>A row of scheduled messages.</summary>
internal static class MessageRow
{
    /// <summary>How many columns a message has; more may follow.</summary>
    public const int Columns = 11;

    public static ScheduledMessage Read(NpgsqlDataReader row, string reactor) =>
        StoredRow.Read(row, one => Message(one, reactor), one => $"The message '{one.GetString(0)}' that '{reactor}' has scheduled");

    private static ScheduledMessage Message(NpgsqlDataReader row, string reactor) => new()
    {
        Reactor = reactor,
        Key = row.GetString(0),
        Id = row.GetGuid(1),
        Stream = row.GetString(2),
        Version = new StreamVersion(row.GetInt64(3)),
        Position = new LogPosition(row.GetInt64(4)),
        Type = row.GetString(5),
        Data = row.GetFieldValue<byte[]>(6),
        DueAt = row.GetFieldValue<DateTimeOffset>(7),
        Attempts = row.GetInt32(8),
        Error = row.IsDBNull(9) ? null : row.GetString(9),
        ParkedAt = row.IsDBNull(10) ? null : row.GetFieldValue<DateTimeOffset>(10),
    };
}
