namespace EventSourcing;

/// <summary>A message that a reactor has scheduled for itself, until it is handled.</summary>
public sealed record ScheduledMessage
{
    /// <summary>The reactor's name.</summary>
    public required string Reactor { get; init; }

    /// <summary>Its id: always the same for the same place in the handling of the same event.</summary>
    public required Guid Id { get; init; }

    /// <summary>The key under which it can be replaced and cancelled; its id where none was given.</summary>
    public required string Key { get; init; }

    /// <summary>The stream whose event scheduled it; the shard that this stream is in delivers it.</summary>
    public required StreamName Stream { get; init; }

    /// <summary>The version of that event.</summary>
    public required StreamVersion Version { get; init; }

    /// <summary>The position of that event.</summary>
    public required LogPosition Position { get; init; }

    /// <summary>The stored name of the message's type.</summary>
    public required string Type { get; init; }

    /// <summary>The message as JSON in UTF-8.</summary>
    public required ReadOnlyMemory<byte> Data { get; init; }

    /// <summary>When it is to be delivered.</summary>
    public required DateTimeOffset DueAt { get; init; }

    /// <summary>How often its handler has failed.</summary>
    public int Attempts { get; init; }

    /// <summary>What the last attempt ended with; null where none has failed.</summary>
    public string? Error { get; init; }

    /// <summary>When it was given up, by the store's clock; null while it is to be delivered.</summary>
    public DateTimeOffset? ParkedAt { get; init; }
}
