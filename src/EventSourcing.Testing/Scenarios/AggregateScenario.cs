namespace EventSourcing.Testing;

/// <summary>What has happened to an aggregate before it is called.</summary>
/// <typeparam name="TAggregate">The aggregate's class.</typeparam>
public sealed class AggregateScenario<TAggregate>
    where TAggregate : Aggregate, new()
{
    private readonly IReadOnlyList<object> history;

    internal AggregateScenario(IReadOnlyList<object> history) => this.history = history;

    /// <summary>Adds to what has happened before.</summary>
    /// <param name="events">The events in order.</param>
    /// <returns>A scenario with the longer history; this one stays as it is.</returns>
    public AggregateScenario<TAggregate> Given(params IReadOnlyList<object> events)
    {
        ArgumentNullException.ThrowIfNull(events);
        return new AggregateScenario<TAggregate>([.. history, .. events]);
    }

    /// <summary>Calls the aggregate as a repository would: loaded from its history, with nothing uncommitted.</summary>
    /// <param name="act">The call.</param>
    /// <returns>What came of it, to be compared.</returns>
    public Outcome When(Action<TAggregate> act)
    {
        ArgumentNullException.ThrowIfNull(act);

        // Outside the outcome: a history that cannot be replayed is a mistake in the scenario, not a refusal.
        var aggregate = new TAggregate();
        foreach (var @event in history)
        {
            aggregate.Replay(@event);
        }

        aggregate.MoveTo(new StreamVersion(history.Count));
        return Outcome.Of(() =>
        {
            act(aggregate);
            return aggregate.UncommittedEvents;
        });
    }
}
