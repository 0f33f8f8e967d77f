namespace EventSourcing;

/// <summary>Which events of the log a reader asks for: those whose category, type and stream are all among the named ones.</summary>
public sealed record EventFilter
{
    private readonly IReadOnlyCollection<string> categories = [];
    private readonly IReadOnlyCollection<string> eventTypes = [];

    /// <summary>Every event.</summary>
    public static EventFilter All { get; } = new();

    /// <summary>The categories of streams; empty means every category.</summary>
    /// <exception cref="ArgumentException">A name is not one that a category can have.</exception>
    public IReadOnlyCollection<string> Categories
    {
        get => categories;
        init => categories = Names(value, StreamName.MaxLength, "A category");
    }

    /// <summary>The stored names of event types; empty means every type.</summary>
    /// <exception cref="ArgumentException">A name is not one that an event type can have.</exception>
    public IReadOnlyCollection<string> EventTypes
    {
        get => eventTypes;
        init => eventTypes = Names(value, EventData.MaxTypeLength, "An event type name");
    }

    /// <summary>The part of all streams; by default every stream.</summary>
    public StreamShard Shard { get; init; } = StreamShard.All;

    /// <summary>Whether an event of this stream and type passes.</summary>
    /// <param name="stream">The event's stream.</param>
    /// <param name="eventType">The stored name of the event's type.</param>
    public bool Matches(StreamName stream, string eventType) =>
        (Categories.Count == 0 || Categories.Contains(stream.Category))
        && (EventTypes.Count == 0 || EventTypes.Contains(eventType))
        && Shard.Contains(stream);

    // What no event can have would be no match in one store, and an error of the server in another.
    private static IReadOnlyCollection<string> Names(IReadOnlyCollection<string> names, int maxLength, string what)
    {
        ArgumentNullException.ThrowIfNull(names);
        foreach (var name in names)
        {
            StoredText.ThrowIfUnfit(name, maxLength, what, nameof(names));
        }

        return names;
    }
}
