namespace EventSourcing;

/// <summary>Which events of the log a reader asks for: those whose category, type and stream are all among the named ones.</summary>
public sealed record EventFilter
{
    /// <summary>Every event.</summary>
    public static EventFilter All { get; } = new();

    /// <summary>The categories of streams; empty means every category.</summary>
    public IReadOnlyCollection<string> Categories { get; init; } = [];

    /// <summary>The stored names of event types; empty means every type.</summary>
    public IReadOnlyCollection<string> EventTypes { get; init; } = [];

    /// <summary>The part of all streams; by default every stream.</summary>
    public StreamShard Shard { get; init; } = StreamShard.All;

    /// <summary>Whether an event of this stream and type passes.</summary>
    /// <param name="stream">The event's stream.</param>
    /// <param name="eventType">The stored name of the event's type.</param>
    public bool Matches(StreamName stream, string eventType) =>
        (Categories.Count == 0 || Categories.Contains(stream.Category))
        && (EventTypes.Count == 0 || EventTypes.Contains(eventType))
        && Shard.Contains(stream);
}
