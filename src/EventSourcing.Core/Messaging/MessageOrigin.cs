using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace EventSourcing;

/// <summary>What a message has from the event that it tells of.</summary>
internal static class MessageOrigin
{
    private const int IdBytes = 16;

    /// <summary>Gives a message its id, and what its maker has left out.</summary>
    public static PublicMessage Complete(PublicMessage message, string translator, EventEnvelope envelope, int ordinal)
    {
        ArgumentNullException.ThrowIfNull(message);
        return message with
        {
            Id = Id(translator, envelope.PartId, ordinal),
            Key = message.Key ?? envelope.Stream.Value,
            CausationId = message.CausationId ?? envelope.Id.ToString(),
            CorrelationId = message.CorrelationId ?? Fitting(envelope.Metadata.CorrelationId),
            TraceParent = message.TraceParent ?? Fitting(envelope.Metadata.TraceParent),
        };
    }

    /// <summary>An id that is the same whenever the same message is made: the first 16 bytes of the SHA-256 of event id, ordinal and
    /// name, as a UUID of version 8.</summary>
    public static Guid Id(string translator, Guid eventId, int ordinal)
    {
        Span<byte> input = stackalloc byte[IdBytes + sizeof(int) + Encoding.UTF8.GetMaxByteCount(CheckpointName.MaxLength)];
        eventId.TryWriteBytes(input, bigEndian: true, out _);
        BinaryPrimitives.WriteInt32BigEndian(input[IdBytes..], ordinal);
        var name = Encoding.UTF8.GetBytes(translator, input[(IdBytes + sizeof(int))..]);

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(input[..(IdBytes + sizeof(int) + name)], hash);
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash[..IdBytes], bigEndian: true);
    }

    // Whoever calls the application may choose its correlation id: an overlong one is not to stop what others are told.
    private static string? Fitting(string? text) =>
        text is { Length: > 0 }
        && Encoding.UTF8.GetByteCount(text) <= PublicMessage.MaxNameBytes
        && !text.Contains('\0', StringComparison.Ordinal)
        && StoredText.IndexOfLoneSurrogate(text) < 0
            ? text
            : null;
}
