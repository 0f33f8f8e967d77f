using System.Globalization;

namespace EventSourcing;

/// <summary>What must hold for an append besides the versions of its streams: no event matches the query but those that the decision
/// has seen. Known as a dynamic consistency boundary.</summary>
public sealed class AppendCondition
{
    /// <summary>The most events that a decision has seen beyond where the log was final: 100,000.</summary>
    public const int MaxSeenAfter = 100_000;

    private readonly HashSet<LogPosition> seenAfter;

    /// <summary>Makes a condition.</summary>
    /// <param name="query">Which events would spoil the decision.</param>
    /// <param name="seen">What the decision has seen: what <see cref="IEventStore.QueryAsync"/> gave with the events.</param>
    /// <exception cref="ArgumentException">More than <see cref="MaxSeenAfter"/> events are named.</exception>
    public AppendCondition(EventQuery query, DecisionPoint seen)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(seen);
        ArgumentNullException.ThrowIfNull(seen.SeenAfter, nameof(seen));
        if (seen.SeenAfter.Count > MaxSeenAfter)
        {
            throw new ArgumentException(
                string.Create(CultureInfo.InvariantCulture, $"A decision names at most {MaxSeenAfter:N0} events beyond position {seen.ReadTo}; this one names {seen.SeenAfter.Count:N0}. ")
                + "Decide again once the log is final further on, or by fewer events.",
                nameof(seen));
        }

        // Copied, so that what is checked is what was decided by.
        Query = query;
        Seen = seen with { SeenAfter = [.. seen.SeenAfter] };
        seenAfter = [.. seen.SeenAfter];
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
        position > Seen.ReadTo && Query.Matches(eventType, tags) && !seenAfter.Contains(position);
}
