namespace EventSourcing.Testing;

/// <summary>
/// Where a test begins: <c>Scenario.For&lt;BankAccount&gt;().Given(…).When(…).Then(…)</c>. Works with any test framework:
/// what is not as expected throws <see cref="ScenarioFailedException"/>.
/// </summary>
public static class Scenario
{
    /// <summary>A scenario of an aggregate.</summary>
    /// <typeparam name="TAggregate">The aggregate's class.</typeparam>
    public static AggregateScenario<TAggregate> For<TAggregate>()
        where TAggregate : Aggregate, new() => new([]);

    /// <summary>A scenario of a decider.</summary>
    /// <typeparam name="TCommand">The decider's commands.</typeparam>
    /// <typeparam name="TState">The decider's state.</typeparam>
    /// <typeparam name="TEvent">The decider's events.</typeparam>
    /// <param name="decider">The decider.</param>
    public static DeciderScenario<TCommand, TState, TEvent> For<TCommand, TState, TEvent>(Decider<TCommand, TState, TEvent> decider)
        where TEvent : notnull
    {
        ArgumentNullException.ThrowIfNull(decider);
        return new DeciderScenario<TCommand, TState, TEvent>(decider, []);
    }
}
