using System.Diagnostics.CodeAnalysis;

namespace EventSourcing.Testing;

/// <summary>What has happened before a decision is made by several small projections.</summary>
public sealed class DecisionScenario
{
    private readonly IReadOnlyList<DecisionProjection> projections;
    private readonly IReadOnlyList<object> history;

    internal DecisionScenario(IReadOnlyList<DecisionProjection> projections, IReadOnlyList<object> history)
    {
        this.projections = projections;
        this.history = history;
    }

    /// <summary>Adds to what has happened before. As in a store, a projection gets those of its classes that have all of its tags.</summary>
    /// <param name="events">The events in order, of whatever streams.</param>
    /// <returns>A scenario with the longer history; this one stays as it is.</returns>
    public DecisionScenario Given(params IReadOnlyList<object> events)
    {
        ArgumentNullException.ThrowIfNull(events);
        return new DecisionScenario(projections, [.. history, .. events]);
    }

    /// <summary>Decides by what the projections know of the history.</summary>
    /// <param name="decide">What is given to <see cref="IRepository.DecideAsync"/>.</param>
    /// <returns>What came of it, to be compared.</returns>
    public Outcome When(Func<DecisionState, IEnumerable<object>> decide)
    {
        ArgumentNullException.ThrowIfNull(decide);

        // Outside the outcome: a history that cannot be folded is a mistake in the scenario, not a refusal.
        var state = new DecisionState(projections);
        foreach (var projection in projections)
        {
            var concerned = history.Where(@event => Concerns(projection, @event)).ToList();
            foreach (var @event in projection.IsLatestOnly ? concerned.TakeLast(1) : concerned)
            {
                state.Apply(projection, @event);
            }
        }

        return Outcome.Of(() => [.. decide(state)]);
    }

    [UnconditionalSuppressMessage("Trimming", "IL2072", Justification = "Tests are not trimmed.")]
    private static bool Concerns(DecisionProjection projection, object @event) =>
        projection.EventTypes.Any(type => type.IsInstanceOfType(@event)) && projection.Tags.All(new EventTags(@event.GetType()).Of(@event).Contains);
}
