namespace EventSourcing;

/// <summary>
/// The decider pattern: three pure things that hold a whole model. Described by Jérémie Chassaing, "Functional Event
/// Sourcing Decider" (2021).
/// </summary>
/// <typeparam name="TCommand">The commands; often an abstract record with one record for each command.</typeparam>
/// <typeparam name="TState">The state; best an immutable record.</typeparam>
/// <typeparam name="TEvent">The events; often an abstract record or an interface.</typeparam>
/// <param name="Initial">The state before the first event.</param>
/// <param name="Decide">Which events follow from a command in a state: none where nothing is to happen; throws to refuse.</param>
/// <param name="Evolve">The state after an event.</param>
public sealed record Decider<TCommand, TState, TEvent>(
    TState Initial,
    Func<TCommand, TState, IEnumerable<TEvent>> Decide,
    Func<TState, TEvent, TState> Evolve)
    where TEvent : notnull
{
    /// <summary>When snapshots of the state are taken; never by default.</summary>
    public SnapshotPolicy<TState>? Snapshots { get; init; }

    /// <summary>The decider's fold over stored events.</summary>
    /// <remarks>It throws <see cref="InvalidOperationException"/> for an event that is not a <typeparamref name="TEvent"/>.</remarks>
    public Fold<TState> Fold => new(
        () => Initial,
        (state, @event) => @event is TEvent own
            ? Evolve(state, own)
            : throw new InvalidOperationException(
                $"The stream holds an event {@event.GetType().FullName}, which is no {typeof(TEvent).FullName}: does the stream belong to another decider?"))
    {
        Snapshots = Snapshots,
    };
}
