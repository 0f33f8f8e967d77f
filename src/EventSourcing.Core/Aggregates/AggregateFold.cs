namespace EventSourcing;

/// <summary>An aggregate as a fold, so that the engine knows folds only.</summary>
internal static class AggregateFold<TAggregate>
    where TAggregate : Aggregate, new()
{
    private static readonly Lazy<Fold<TAggregate>> instance = new(Create);

    public static Fold<TAggregate> Instance => instance.Value;

    private static Fold<TAggregate> Create() => new(
        () => new TAggregate(),
        (aggregate, @event) =>
        {
            aggregate.Replay(@event);
            return aggregate;
        })
    {
        Snapshots = new TAggregate().Snapshots switch
        {
            null => null,
            SnapshotPolicy<TAggregate> own => own,
            var other => throw new InvalidOperationException(
                $"{typeof(TAggregate).FullName} has the snapshots '{other.Name}' of another class; use SnapshotPolicy.Of<{typeof(TAggregate).Name}, …>(…)."),
        },
    };
}
