namespace EventSourcing;

/// <summary>Which events of the log are asked for: those that match any of its items.</summary>
public sealed class EventQuery
{
    /// <summary>The most items of a query: 64.</summary>
    public const int MaxItems = 64;

    private EventQuery() => Items = [];

    /// <summary>Checks and wraps the items.</summary>
    /// <param name="items">At least one; each names types, tags or both.</param>
    /// <exception cref="ArgumentException">There is no item, or more than <see cref="MaxItems"/>, or one that is null or names nothing:
    /// for all events there is <see cref="All"/>.</exception>
    public EventQuery(params IReadOnlyList<EventQueryItem> items)
    {
        ArgumentNullException.ThrowIfNull(items);
        if (items.Count is 0 or > MaxItems)
        {
            throw new ArgumentException($"A query has 1 to {MaxItems} items; this one has {items.Count}. For all events use EventQuery.All.", nameof(items));
        }

        foreach (var item in items)
        {
            if (item is null || (item.Types.Count == 0 && item.Tags.Count == 0))
            {
                throw new ArgumentException("An item of a query is null, or names neither types nor tags. For all events use EventQuery.All.", nameof(items));
            }
        }

        Items = [.. items];
    }

    /// <summary>Every event.</summary>
    public static EventQuery All { get; } = new();

    /// <summary>The items, of which any will do; none for all events.</summary>
    public IReadOnlyList<EventQueryItem> Items { get; }

    /// <summary>Whether every event matches.</summary>
    public bool IsAll => Items.Count == 0;

    /// <summary>Whether an event of this type and with these tags matches.</summary>
    /// <param name="eventType">The stored name of the event's type.</param>
    /// <param name="tags">The event's tags.</param>
    public bool Matches(string eventType, IReadOnlyCollection<Tag> tags) => IsAll || Items.Any(item => item.Matches(eventType, tags));

    /// <inheritdoc/>
    public override string ToString() => IsAll ? "all events" : string.Join("; ", Items);
}
