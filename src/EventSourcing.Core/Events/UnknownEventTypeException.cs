namespace EventSourcing;

/// <summary>A stored event has a type name that no registered class stands for.</summary>
public sealed class UnknownEventTypeException : Exception
{
    internal UnknownEventTypeException(string eventType, EventPlace place, string? otherVersion = null)
        : base($"No class is registered for the event type '{eventType}' at {place}. Register the class with that name, or read raw events."
            + (otherVersion is null ? null : $" '{otherVersion}' is registered: Upcasters.AddJson(\"{eventType}\", \"{otherVersion}\", …) lifts the one to the other."))
    {
        EventType = eventType;
        Stream = place.Stream;
        Version = place.Version;
        Position = place.Position;
    }

    /// <summary>The stored type name.</summary>
    public string EventType { get; }

    /// <summary>The stream that holds the event.</summary>
    public StreamName Stream { get; }

    /// <summary>The event's version.</summary>
    public StreamVersion Version { get; }

    /// <summary>The event's position.</summary>
    public LogPosition Position { get; }
}
