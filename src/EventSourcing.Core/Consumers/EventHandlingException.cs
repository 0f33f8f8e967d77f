namespace EventSourcing;

/// <summary>The handling of one event failed; says which event, and carries the failure.</summary>
public sealed class EventHandlingException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="envelope">The event.</param>
    /// <param name="inner">What its handler threw.</param>
    public EventHandlingException(EventEnvelope envelope, Exception inner)
        : base(Describe(envelope, inner), inner)
    {
        EventType = envelope.Recorded.Type;
        Stream = envelope.Stream;
        Version = envelope.Version;
        Position = envelope.Position;
    }

    /// <summary>The stored name of the event's type.</summary>
    public string EventType { get; }

    /// <summary>The stream that holds the event.</summary>
    public StreamName Stream { get; }

    /// <summary>The event's version.</summary>
    public StreamVersion Version { get; }

    /// <summary>The event's position.</summary>
    public LogPosition Position { get; }

    private static string Describe(EventEnvelope envelope, Exception inner)
    {
        ArgumentNullException.ThrowIfNull(envelope);
        ArgumentNullException.ThrowIfNull(inner);
        return $"Handling event '{envelope.Recorded.Type}' at position {envelope.Position} (stream '{envelope.Stream}', "
            + $"version {envelope.Version}) failed: {inner.Message}";
    }
}
