using Npgsql;

namespace EventSourcing.PostgreSql;

/// <summary>Rows of one statement as events, one after the other.</summary>
internal sealed class EventRows(Names names) : IDisposable
{
    private readonly RowBuffer buffer = new();

    /// <summary>A row of the statements that read a stream.</summary>
    public RecordedEvent Read(NpgsqlDataReader row, StreamName stream) => new()
    {
        Stream = stream,
        Version = new StreamVersion(row.GetInt64(0)),
        Position = new LogPosition(row.GetInt64(1)),
        Id = row.GetGuid(2),
        Type = names.Types.Of(buffer.Read(row, 3)),
        Data = row.GetFieldValue<byte[]>(4),
        Metadata = row.IsDBNull(5) ? default : row.GetFieldValue<byte[]>(5),
        RecordedAt = new DateTimeOffset(row.GetDateTime(6)),
    };

    /// <summary>A row of the statements that read the log, which ends with the stream's name.</summary>
    public RecordedEvent Read(NpgsqlDataReader row) => Read(row, names.Streams.Of(buffer.Read(row, 7)));

    /// <summary>A row of the replay statement; the next call overwrites its payload.</summary>
    public ReplayedEvent Replay(NpgsqlDataReader row, StreamName stream) => new()
    {
        Stream = stream,
        Version = new StreamVersion(row.GetInt64(0)),
        Position = new LogPosition(row.GetInt64(1)),
        Type = names.Types.Of(buffer.Read(row, 2)),
        Data = buffer.Read(row, 3),
    };

    public void Dispose() => buffer.Dispose();
}
