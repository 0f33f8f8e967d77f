namespace EventSourcing;

/// <summary>An event as the store holds it: bytes and their place in the log.</summary>
/// <remarks>It never changes, and a store may hand the same object to several readers.</remarks>
public sealed class RecordedEvent
{
    /// <summary>The stream that holds the event.</summary>
    public required StreamName Stream { get; init; }

    /// <summary>The event's place in its stream: 1, 2, 3 …</summary>
    public required StreamVersion Version { get; init; }

    /// <summary>The event's place in the one order of the log.</summary>
    public required LogPosition Position { get; init; }

    /// <summary>The id given by the writer.</summary>
    public required Guid Id { get; init; }

    /// <summary>The stored name of the event's type.</summary>
    public required string Type { get; init; }

    /// <summary>The payload, exactly as it was written: one JSON value in UTF-8.</summary>
    public required ReadOnlyMemory<byte> Data { get; init; }

    /// <summary>The metadata, exactly as written: a JSON object in UTF-8, or nothing.</summary>
    public required ReadOnlyMemory<byte> Metadata { get; init; }

    /// <summary>The tags, in the order in which they were given.</summary>
    public IReadOnlyList<Tag> Tags { get; init; } = [];

    /// <summary>When the store wrote the event, by its own clock. For people, not for order: it need not rise with the position.</summary>
    public required DateTimeOffset RecordedAt { get; init; }
}
