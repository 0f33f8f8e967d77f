using System.Buffers;
using Npgsql;

namespace EventSourcing.PostgreSql;

/// <summary>Rows of the replay statement, one after the other in one buffer.</summary>
internal sealed class ReplayRow(StreamName stream, TypeNames types) : IDisposable
{
    private byte[] buffer = ArrayPool<byte>.Shared.Rent(4096);

    /// <summary>The event of the reader's row; the next call overwrites its payload.</summary>
    public ReplayedEvent Read(NpgsqlDataReader row)
    {
        var version = new StreamVersion(row.GetInt64(0));
        var position = new LogPosition(row.GetInt64(1));
        var type = types.Of(Bytes(row, 2));
        return new ReplayedEvent { Stream = stream, Version = version, Position = position, Type = type, Data = Bytes(row, 3) };
    }

    public void Dispose() => ArrayPool<byte>.Shared.Return(buffer);

    private ReadOnlySpan<byte> Bytes(NpgsqlDataReader row, int column)
    {
        var length = (int)row.GetBytes(column, 0, null, 0, 0);
        if (length > buffer.Length)
        {
            ArrayPool<byte>.Shared.Return(buffer);
            buffer = ArrayPool<byte>.Shared.Rent(length);
        }

        row.GetBytes(column, 0, buffer, 0, length);
        return buffer.AsSpan(0, length);
    }
}
