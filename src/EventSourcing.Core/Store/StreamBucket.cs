using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace EventSourcing;

/// <summary>
/// The bucket of a stream, 0 to 1,023: the first four bytes of the MD5 of its name in UTF-8, unsigned, modulo 1,024. By it
/// streams are divided among partitions, shards of a projection and members of a consumer group.
/// </summary>
/// <remarks>The same as the SQL function <c>stream_bucket</c>. Stored with every event, so it never changes.</remarks>
public static class StreamBucket
{
    /// <summary>How many buckets there are.</summary>
    public const int Count = 1024;

    /// <summary>The bucket of a stream.</summary>
    /// <param name="stream">The stream.</param>
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
