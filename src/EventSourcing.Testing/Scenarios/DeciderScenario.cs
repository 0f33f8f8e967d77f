namespace EventSourcing.Testing;

/// <summary>What has happened before a decider decides.</summary>
/// <typeparam name="TCommand">The decider's commands.</typeparam>
/// <typeparam name="TState">The decider's state.</typeparam>
/// <typeparam name="TEvent">The decider's events.</typeparam>
public sealed class DeciderScenario<TCommand, TState, TEvent>
    where TEvent : notnull
{
    private readonly Decider<TCommand, TState, TEvent> decider;
    private readonly IReadOnlyList<TEvent> history;

    internal DeciderScenario(Decider<TCommand, TState, TEvent> decider, IReadOnlyList<TEvent> history)
    {
        this.decider = decider;
        this.history = history;
    }

    /// <summary>Adds to what has happened before.</summary>
    /// <param name="events">The events in order.</param>
    /// <returns>A scenario with the longer history; this one stays as it is.</returns>
    public DeciderScenario<TCommand, TState, TEvent> Given(params IReadOnlyList<TEvent> events)
    {
        ArgumentNullException.ThrowIfNull(events);
        return new DeciderScenario<TCommand, TState, TEvent>(decider, [.. history, .. events]);
    }

    /// <summary>Lets the decider decide on the state that the history gives.</summary>
    /// <param name="command">The command.</param>
    /// <returns>What came of it, to be compared.</returns>
    public Outcome When(TCommand command)
    {
        // Outside the outcome: a history that cannot be folded is a mistake in the scenario, not a refusal.
        var state = history.Aggregate(decider.Initial, decider.Evolve);
        return Outcome.Of(() => [.. decider.Decide(command, state).Cast<object>()]);
    }
}
