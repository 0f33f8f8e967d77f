using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace EventSourcing.PostgreSql;

/// <summary>The bucket of a stream: the first four bytes of the MD5 of its name in UTF-8, unsigned, modulo 1024.</summary>
/// <remarks>The same as the SQL function <c>stream_bucket</c>; stored in every row, so it can never change.</remarks>
internal static class StreamBucket
{
    public const int Count = 1024;

    [SuppressMessage("Security", "CA5351", Justification = "Spreads names evenly and is available in PostgreSQL; protects nothing.")]
    public static short Of(StreamName stream)
    {
        var name = stream.Value;
        Span<byte> utf8 = stackalloc byte[StreamName.MaxLength * 3];
        Span<byte> hash = stackalloc byte[MD5.HashSizeInBytes];
        MD5.HashData(utf8[..Encoding.UTF8.GetBytes(name, utf8)], hash);
        return (short)(BinaryPrimitives.ReadUInt32BigEndian(hash) % Count);
    }
}
