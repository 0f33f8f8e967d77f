namespace EventSourcing;

/// <summary>The projections of one decision, read from the log together: one query, one point in it.</summary>
internal sealed class DecisionModel
{
    private readonly EventSerializer serializer;
    private readonly (DecisionProjection Projection, EventQueryItem Item)[] projections;

    public DecisionModel(IReadOnlyList<DecisionProjection> projections, EventSerializer serializer)
    {
        ThrowIfUnfit(projections);
        this.serializer = serializer;
        this.projections = [.. projections.Select(projection => (projection, projection.Item(serializer.Types)))];
        Query = new EventQuery([.. this.projections.Select(one => one.Item)]);
    }

    /// <summary>The events that any of them concern.</summary>
    public EventQuery Query { get; }

    /// <summary>Refuses what makes no decision.</summary>
    /// <exception cref="ArgumentException">There is none, or one of them is null or named twice.</exception>
    public static void ThrowIfUnfit(IReadOnlyList<DecisionProjection> projections)
    {
        if (projections.Count == 0 || projections.Contains(null!) || projections.Distinct().Count() < projections.Count)
        {
            throw new ArgumentException("A decision has at least one projection, none of them null or named twice.", nameof(projections));
        }
    }

    /// <summary>What they know after these events.</summary>
    public DecisionState StateAfter(IReadOnlyList<RecordedEvent> events)
    {
        var state = new DecisionState([.. projections.Select(one => one.Projection)]);
        var latest = LatestOf(events);
        var lifted = new List<EventEnvelope>(1);
        foreach (var recorded in events)
        {
            lifted.Clear();
            foreach (var (projection, item) in projections)
            {
                if (!item.Matches(recorded.Type, recorded.Tags) || (item.IsLatestOnly && latest[projection] != recorded.Position))
                {
                    continue;
                }

                if (lifted.Count == 0)
                {
                    serializer.DeserializeTo(lifted, recorded);
                }

                foreach (var envelope in lifted)
                {
                    state.Apply(projection, envelope.Event);
                }
            }
        }

        return state;
    }

    // Another projection's query may have brought earlier ones of them along.
    private Dictionary<DecisionProjection, LogPosition> LatestOf(IReadOnlyList<RecordedEvent> events) => projections
        .Where(one => one.Item.IsLatestOnly)
        .ToDictionary(
            one => one.Projection,
            one => events.LastOrDefault(recorded => one.Item.Matches(recorded.Type, recorded.Tags))?.Position ?? LogPosition.Start);
}
