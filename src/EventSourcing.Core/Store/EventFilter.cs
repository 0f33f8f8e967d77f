namespace EventSourcing;

/// <summary>Which events of the log a reader asks for: those whose category, type and stream are all among the named
/// ones, and that have all of the named tags.</summary>
public sealed record EventFilter
{
    private readonly IReadOnlyCollection<string> categories = [];
    private readonly IReadOnlyCollection<string> eventTypes = [];
    private readonly IReadOnlyList<Tag> tags = [];

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

    /// <summary>The tags, all of which an event must have; empty means whatever tags. One that is named twice counts once.</summary>
    /// <exception cref="ArgumentException">A tag is <c>default</c>, or there are more than <see cref="Tag.MaxCount"/>.</exception>
    public IReadOnlyList<Tag> Tags
    {
        get => tags;
        init
        {
            ArgumentNullException.ThrowIfNull(value);
            tags = Tag.Distinct(value, nameof(value));
        }
    }

    /// <summary>The part of all streams; by default every stream.</summary>
    public StreamShard Shard { get; init; } = StreamShard.All;

    /// <summary>Whether an event of this stream and type and with these tags passes.</summary>
    /// <param name="stream">The event's stream.</param>
    /// <param name="eventType">The stored name of the event's type.</param>
    /// <param name="eventTags">The event's tags.</param>
    public bool Matches(StreamName stream, string eventType, IReadOnlyCollection<Tag> eventTags)
    {
        ArgumentNullException.ThrowIfNull(eventTags);
        return (Categories.Count == 0 || Categories.Contains(stream.Category))
            && (EventTypes.Count == 0 || EventTypes.Contains(eventType))
            && tags.All(eventTags.Contains)
            && Shard.Contains(stream);
    }

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
