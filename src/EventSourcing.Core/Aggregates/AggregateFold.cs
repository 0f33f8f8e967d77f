namespace EventSourcing;

/// <summary>An aggregate as a fold, so that the engine knows folds only.</summary>
internal static class AggregateFold<TAggregate>
    where TAggregate : Aggregate, new()
{
    public static Fold<TAggregate> Instance { get; } = new(
        () => new TAggregate(),
        (aggregate, @event) =>
        {
            aggregate.Replay(@event);
            return aggregate;
        });
}
