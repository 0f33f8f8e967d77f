using System.Globalization;
using Npgsql;

namespace EventSourcing.PostgreSql;

/// <summary>Rows of one statement as events, one after the other.</summary>
internal sealed class EventRows(Names names) : IDisposable
{
    private readonly RowBuffer buffer = new();

    /// <summary>A row of the statements that read a stream.</summary>
    /// <exception cref="DamagedDataException">The row holds what no append has written.</exception>
    public RecordedEvent Read(NpgsqlDataReader row, StreamName stream)
    {
        try
        {
            return new RecordedEvent
            {
                Stream = stream,
                Version = new StreamVersion(row.GetInt64(0)),
                Position = new LogPosition(row.GetInt64(1)),
                Id = row.GetGuid(2),
                Type = names.Types.Of(buffer.Read(row, 3)),
                Data = row.GetFieldValue<byte[]>(4),
                Metadata = row.IsDBNull(5) ? default : row.GetFieldValue<byte[]>(5),
                RecordedAt = new DateTimeOffset(row.GetDateTime(6)),
                Tags = row.IsDBNull(7) ? [] : Array.ConvertAll(row.GetFieldValue<string[]>(7), value => new Tag(value)),
            };
        }
        catch (Exception unreadable) when (StoredRow.IsOfTheRow(unreadable))
        {
            throw Damaged(row, unreadable);
        }
    }

    /// <summary>A row of the statements that read the log, which hold the stream's name after it.</summary>
    /// <exception cref="DamagedDataException">The row holds what no append has written.</exception>
    public RecordedEvent Read(NpgsqlDataReader row)
    {
        StreamName stream;
        try
        {
            stream = names.Streams.Of(buffer.Read(row, 8));
        }
        catch (Exception unreadable) when (StoredRow.IsOfTheRow(unreadable))
        {
            throw Damaged(row, unreadable);
        }

        return Read(row, stream);
    }

    /// <summary>A row of the replay statement; the next call overwrites its payload.</summary>
    /// <exception cref="DamagedDataException">The row holds what no append has written.</exception>
    public ReplayedEvent Replay(NpgsqlDataReader row, StreamName stream)
    {
        try
        {
            return new ReplayedEvent
            {
                Stream = stream,
                Version = new StreamVersion(row.GetInt64(0)),
                Position = new LogPosition(row.GetInt64(1)),
                Type = names.Types.Of(buffer.Read(row, 2)),
                Data = buffer.Read(row, 3),
            };
        }
        catch (Exception unreadable) when (StoredRow.IsOfTheRow(unreadable))
        {
            throw Damaged(row, unreadable);
        }
    }

    public void Dispose() => buffer.Dispose();

    private static DamagedDataException Damaged(NpgsqlDataReader row, Exception inner)
    {
        var position = row.GetInt64(1);
        return new DamagedDataException(
            string.Create(CultureInfo.InvariantCulture, $"The event at position {position}, version {row.GetInt64(0)}, cannot be read: {inner.Message}"), inner)
        {
            Position = position < 0 ? null : new LogPosition(position),
        };
    }
}
