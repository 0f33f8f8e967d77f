namespace EventSourcing;

/// <summary>What a fold needs of a stored event. Valid only during the call that it is handed to: its payload stands in a
/// buffer that the next event overwrites.</summary>
public readonly ref struct ReplayedEvent
{
    /// <summary>The stream that holds the event.</summary>
    public required StreamName Stream { get; init; }

    /// <summary>The event's place in its stream.</summary>
    public required StreamVersion Version { get; init; }

    /// <summary>The event's place in the log.</summary>
    public required LogPosition Position { get; init; }

    /// <summary>The stored name of the event's type.</summary>
    public required string Type { get; init; }

    /// <summary>The payload, exactly as it was written: one JSON value in UTF-8.</summary>
    public required ReadOnlySpan<byte> Data { get; init; }

    /// <summary>An event that was read whole, as a fold takes it.</summary>
    internal static ReplayedEvent Of(RecordedEvent recorded) => new()
    {
        Stream = recorded.Stream,
        Version = recorded.Version,
        Position = recorded.Position,
        Type = recorded.Type,
        Data = recorded.Data.Span,
    };
}
