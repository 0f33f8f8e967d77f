namespace EventSourcing;

/// <summary>An event could not be turned into JSON, or stored JSON not into an event. Nothing was written, and nothing is skipped.</summary>
public sealed class EventSerializationException : Exception
{
    private EventSerializationException(string message, string eventType, Exception? inner)
        : base(message, inner) => EventType = eventType;

    /// <summary>The stored name of the event's type.</summary>
    public string EventType { get; }

    /// <summary>The stream of the stored event, on read.</summary>
    public StreamName? Stream { get; private init; }

    /// <summary>The version of the stored event, on read.</summary>
    public StreamVersion? Version { get; private init; }

    /// <summary>The position of the stored event, on read.</summary>
    public LogPosition? Position { get; private init; }

    internal static EventSerializationException OnWrite(Type type, string name, Exception inner) =>
        new($"An event '{name}' ({type.FullName}) cannot be written as JSON: {inner.Message}", name, inner);

    /// <summary>Of an event that holds personal data: without what the failure says, which may be some of it.</summary>
    internal static EventSerializationException OnReadPersonal(EventPlace place, string type, Exception failure) =>
        new($"The payload of event '{type}' at {place} cannot be read: {failure.GetType().Name}. "
            + "What it says is left out, because the event holds personal data.", type, inner: null)
        {
            Stream = place.Stream,
            Version = place.Version,
            Position = place.Position,
        };

    internal static EventSerializationException OnRead(EventPlace place, string type, string what, Exception inner, string? cause = null) =>
        new($"The {what} of event '{type}' at {place} cannot be read: {cause}{inner.Message}", type, inner)
        {
            Stream = place.Stream,
            Version = place.Version,
            Position = place.Position,
        };
}
