namespace EventSourcing.InMemory;

/// <summary>Keeps views in memory: the same projections as in a database, for tests and small applications.</summary>
public sealed class InMemoryViewStore : IViewStore
{
    private readonly InMemoryEventStore store;
    private readonly EventSerializer serializer;
    private readonly InMemoryConsumerStore consumers;
    private readonly System.Collections.Concurrent.ConcurrentDictionary<string, object> tables = new(StringComparer.Ordinal);

    /// <summary>Makes an empty one.</summary>
    /// <param name="store">The store whose appends apply inline projections.</param>
    /// <param name="serializer">Turns bytes into events.</param>
    /// <param name="consumers">Where the projections' checkpoints are kept.</param>
    public InMemoryViewStore(InMemoryEventStore store, EventSerializer serializer, InMemoryConsumerStore consumers)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(serializer);
        ArgumentNullException.ThrowIfNull(consumers);
        this.store = store;
        this.serializer = serializer;
        this.consumers = consumers;
    }

    /// <inheritdoc/>
    public IViewTable<TView> Open<TView>(ViewProjection<TView> projection)
        where TView : class
    {
        ArgumentNullException.ThrowIfNull(projection);
        return Table(projection);
    }

    /// <inheritdoc/>
    public IInlineProjection BindInline<TView>(ViewProjection<TView> projection)
        where TView : class
    {
        ArgumentNullException.ThrowIfNull(projection);
        if (projection.Shards != 1)
        {
            throw new ArgumentException($"Projection '{projection.Name}' cannot be both inline and divided into shards.", nameof(projection));
        }

        var inline = new InMemoryInlineView<TView>(
            store, serializer, consumers, projection, Table(projection), this.Bind(projection));
        store.AddInline(projection.Name, inline);
        return inline;
    }

    private InMemoryViewTable<TView> Table<TView>(ViewProjection<TView> projection)
        where TView : class => (InMemoryViewTable<TView>)tables.GetOrAdd(projection.Name, name => new InMemoryViewTable<TView>(name, consumers, serializer));
}
