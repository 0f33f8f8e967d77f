using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace EventSourcing;

/// <summary>The hash of an event in a tamper-evident chain: SHA-256 over its content, its place, and the hash of the event before it in its
/// stream.</summary>
/// <remarks>
/// What is hashed, numbers big-endian, each text and payload as UTF-8 behind its length in bytes (4 bytes): <c>EVS1</c> in ASCII; the hash
/// before, behind its length (0 where the chain begins); the stream's name; the version and the position (8 bytes each); the event's id
/// (16 bytes, in the order in which it is written); the type; when it was recorded, in microseconds since 2000-01-01 00:00 UTC (8 bytes); the
/// payload; the metadata (length 0 for none); the number of tags (4 bytes) and each tag. The same as the SQL function <c>event_hash</c>.
/// </remarks>
public static class EventHash
{
    /// <summary>How long a hash is, in bytes.</summary>
    public const int Size = SHA256.HashSizeInBytes;

    private static readonly long Epoch = new DateTime(2000, 1, 1, 0, 0, 0, DateTimeKind.Utc).Ticks;

    /// <summary>The hash of an event.</summary>
    /// <param name="before">The hash of the event before it in its stream; empty where the chain begins with this one.</param>
    /// <param name="recorded">The event as it is stored.</param>
    public static byte[] Of(ReadOnlySpan<byte> before, RecordedEvent recorded)
    {
        ArgumentNullException.ThrowIfNull(recorded);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData("EVS1"u8);
        Append(hash, before);
        Append(hash, recorded.Stream.Value);
        Append(hash, recorded.Version.Value);
        Append(hash, recorded.Position.Value);
        Span<byte> id = stackalloc byte[16];
        recorded.Id.TryWriteBytes(id, bigEndian: true, out _);
        hash.AppendData(id);
        Append(hash, recorded.Type);
        Append(hash, (long)Math.Floor((recorded.RecordedAt.UtcTicks - Epoch) / (decimal)TimeSpan.TicksPerMicrosecond));
        Append(hash, recorded.Data.Span);
        Append(hash, recorded.Metadata.Span);
        AppendCount(hash, recorded.Tags.Count);
        foreach (var tag in recorded.Tags)
        {
            Append(hash, tag.Value);
        }

        return hash.GetHashAndReset();
    }

    internal static void Append(IncrementalHash hash, string text) => Append(hash, Encoding.UTF8.GetBytes(text));

    internal static void Append(IncrementalHash hash, ReadOnlySpan<byte> bytes)
    {
        AppendCount(hash, bytes.Length);
        hash.AppendData(bytes);
    }

    internal static void Append(IncrementalHash hash, long number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(bytes, number);
        hash.AppendData(bytes);
    }

    private static void AppendCount(IncrementalHash hash, int count)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(bytes, count);
        hash.AppendData(bytes);
    }
}
