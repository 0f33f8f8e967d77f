namespace EventSourcing;

/// <summary>What the projections of a decision know, at one point of the log.</summary>
public sealed class DecisionState
{
    private readonly Dictionary<DecisionProjection, object?> states;

    internal DecisionState(IReadOnlyCollection<DecisionProjection> projections) =>
        states = projections.ToDictionary(projection => projection, projection => projection.Start);

    /// <summary>What a projection knows.</summary>
    /// <typeparam name="TState">What it knows.</typeparam>
    /// <param name="projection">One of the decision's projections, the very object.</param>
    /// <exception cref="ArgumentException">The projection is not among the decision's.</exception>
    public TState Of<TState>(DecisionProjection<TState> projection)
    {
        ArgumentNullException.ThrowIfNull(projection);
        return states.TryGetValue(projection, out var state)
            ? (TState)state!
            : throw new ArgumentException("The projection is not among those that the decision was given.", nameof(projection));
    }

    internal void Apply(DecisionProjection projection, object @event) => states[projection] = projection.Evolve(states[projection], @event);
}
