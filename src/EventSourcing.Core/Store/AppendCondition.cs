namespace EventSourcing;

/// <summary>What must hold for an append besides the versions of its streams: no event matches the query but those that the decision
/// has seen. Known as a dynamic consistency boundary.</summary>
public sealed class AppendCondition
{
    /// <summary>Makes a condition.</summary>
    /// <param name="query">Which events would spoil the decision.</param>
    /// <param name="seen">What the decision has seen: what <see cref="IEventStore.QueryAsync"/> gave with the events.</param>
    public AppendCondition(EventQuery query, DecisionPoint seen)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(seen);
        ArgumentNullException.ThrowIfNull(seen.SeenAfter, nameof(seen));
        Query = query;
        Seen = seen;
    }

    /// <summary>Which events would spoil the decision.</summary>
    public EventQuery Query { get; }

    /// <summary>What the decision has seen.</summary>
    public DecisionPoint Seen { get; }

    /// <summary>For adapters: whether an event is one that the decision has not seen.</summary>
    /// <param name="position">The event's position.</param>
    /// <param name="eventType">The stored name of its type.</param>
    /// <param name="tags">Its tags.</param>
    public bool IsSpoiledBy(LogPosition position, string eventType, IReadOnlyCollection<Tag> tags) =>
        position > Seen.ReadTo && Query.Matches(eventType, tags) && !Seen.SeenAfter.Contains(position);
}
