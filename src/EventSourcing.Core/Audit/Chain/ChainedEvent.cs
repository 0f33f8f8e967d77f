namespace EventSourcing;

/// <summary>An event with its hash, as <see cref="IHashChain"/> reads it; or a stream that has no events although it should.</summary>
public sealed class ChainedEvent
{
    /// <summary>The stream in which it was found.</summary>
    public required StreamName Stream { get; init; }

    /// <summary>The last version of the stream, by what the store keeps of it beside its events.</summary>
    public required StreamVersion StreamVersion { get; init; }

    /// <summary>The event; null where the stream has none, or where it cannot be read.</summary>
    public RecordedEvent? Recorded { get; init; }

    /// <summary>Why it cannot be read; null where it can, or there is none.</summary>
    public DamagedDataException? Damage { get; init; }

    /// <summary>Its hash; empty where it has none.</summary>
    public ReadOnlyMemory<byte> Hash { get; init; }

    /// <summary>Of the first event that is left of a truncated stream: the hash of the one before it; empty where that is not known.</summary>
    public ReadOnlyMemory<byte> Before { get; init; }
}
