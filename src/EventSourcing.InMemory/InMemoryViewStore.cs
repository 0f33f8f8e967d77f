namespace EventSourcing.InMemory;

/// <summary>Keeps views in memory: the same projections as in a database, for tests and small applications.</summary>
public sealed class InMemoryViewStore : IViewStore
{
    private readonly InMemoryConsumerStore consumers;
    private readonly System.Collections.Concurrent.ConcurrentDictionary<string, object> tables = new(StringComparer.Ordinal);

    /// <summary>Makes an empty one.</summary>
    /// <param name="consumers">Where the projections' checkpoints are kept.</param>
    public InMemoryViewStore(InMemoryConsumerStore consumers)
    {
        ArgumentNullException.ThrowIfNull(consumers);
        this.consumers = consumers;
    }

    /// <inheritdoc/>
    public IViewTable<TView> Open<TView>(ViewProjection<TView> projection)
        where TView : class
    {
        ArgumentNullException.ThrowIfNull(projection);
        return (IViewTable<TView>)tables.GetOrAdd(projection.Name, name => new InMemoryViewTable<TView>(name, consumers));
    }
}
