namespace EventSourcing;

/// <summary>A stored event has a type name that no registered class stands for.</summary>
public sealed class UnknownEventTypeException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="recorded">The stored event.</param>
    public UnknownEventTypeException(RecordedEvent recorded)
        : base(Describe(recorded))
    {
        EventType = recorded.Type;
        Stream = recorded.Stream;
        Version = recorded.Version;
        Position = recorded.Position;
    }

    /// <summary>The stored type name.</summary>
    public string EventType { get; }

    /// <summary>The stream that holds the event.</summary>
    public StreamName Stream { get; }

    /// <summary>The event's version.</summary>
    public StreamVersion Version { get; }

    /// <summary>The event's position.</summary>
    public LogPosition Position { get; }

    private static string Describe(RecordedEvent recorded)
    {
        ArgumentNullException.ThrowIfNull(recorded);
        return $"No class is registered for the event type '{recorded.Type}' at position {recorded.Position} "
            + $"(stream '{recorded.Stream}', version {recorded.Version}). Register the class with that name, or read raw events.";
    }
}
