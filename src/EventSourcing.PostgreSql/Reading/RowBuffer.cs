using System.Buffers;
using Npgsql;

namespace EventSourcing.PostgreSql;

/// <summary>Where the bytes of a column stand while they are looked at.</summary>
internal sealed class RowBuffer : IDisposable
{
    private byte[] buffer = ArrayPool<byte>.Shared.Rent(4096);

    /// <summary>The bytes of a column; the next call overwrites them.</summary>
    public ReadOnlySpan<byte> Read(NpgsqlDataReader row, int column)
    {
        var length = (int)row.GetBytes(column, 0, buffer, 0, buffer.Length);
        if (length == buffer.Length)
        {
            // There may be more than fits.
            length = (int)row.GetBytes(column, 0, null, 0, 0);
            ArrayPool<byte>.Shared.Return(buffer);
            buffer = ArrayPool<byte>.Shared.Rent(length + 1);
            row.GetBytes(column, 0, buffer, 0, length);
        }

        return buffer.AsSpan(0, length);
    }

    public void Dispose() => ArrayPool<byte>.Shared.Return(buffer);
}
