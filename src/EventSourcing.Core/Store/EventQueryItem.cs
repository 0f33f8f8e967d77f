namespace EventSourcing;

/// <summary>Events of any of these types that have all of these tags.</summary>
public sealed record EventQueryItem
{
    private readonly IReadOnlyCollection<string> types = [];
    private readonly IReadOnlyList<Tag> tags = [];

    /// <summary>The stored names of event types, of which any will do; empty means every type.</summary>
    /// <exception cref="ArgumentException">A name is not one that an event type can have.</exception>
    public IReadOnlyCollection<string> Types
    {
        get => types;
        init
        {
            ArgumentNullException.ThrowIfNull(value);
            foreach (var name in value)
            {
                StoredText.ThrowIfUnfit(name, EventData.MaxTypeLength, "An event type name", nameof(value));
            }

            types = [.. value.Distinct(StringComparer.Ordinal)];
        }
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

    /// <summary>For reading: only the latest of the events; all by default. A condition looks at all of them in any case.</summary>
    public bool IsLatestOnly { get; init; }

    /// <summary>Whether an event of this type and with these tags is among them.</summary>
    /// <param name="eventType">The stored name of the event's type.</param>
    /// <param name="eventTags">The event's tags.</param>
    public bool Matches(string eventType, IReadOnlyCollection<Tag> eventTags)
    {
        ArgumentNullException.ThrowIfNull(eventTags);
        return (types.Count == 0 || types.Contains(eventType)) && tags.All(eventTags.Contains);
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        var parts = new[] { string.Join(" or ", types), string.Join(" and ", tags.Select(tag => $"[{tag}]")) };
        return string.Join(" with ", parts.Select((part, i) => part.Length > 0 ? part : i == 0 ? "events" : "any tags"));
    }
}
