namespace EventSourcing.InMemory;

/// <summary>Views that appends write: folded before the append is stored, kept together with it.</summary>
internal sealed class InMemoryInlineView<TView>(
    InMemoryEventStore store,
    EventSerializer serializer,
    InMemoryConsumerStore consumers,
    ViewProjection<TView> projection,
    InMemoryViewTable<TView> table,
    IProjection inner) : IInlineProjection, IInMemoryInline
    where TView : class
{
    public string Name => projection.Name;

    public int Version => projection.Version;

    public IReadOnlyCollection<Type> EventTypes => projection.EventTypes;

    public IReadOnlyCollection<string> Categories => projection.Categories;

    public Task<LogPosition> LoadPositionAsync(ConsumerLease lease, CancellationToken cancellationToken) => inner.LoadPositionAsync(lease, cancellationToken);

    public Task ApplyAsync(ConsumerLease lease, EventPage page, CancellationToken cancellationToken) => inner.ApplyAsync(lease, page, cancellationToken);

    public Task<bool> TryGoInlineAsync(ConsumerLease lease, CancellationToken cancellationToken)
    {
        var isDone = false;
        store.WhileNobodyAppends(log =>
        {
            var position = consumers.PositionOf(lease);
            var keep = Fold(log.ToArray().Where(recorded => recorded.Position > position), lease.Key.Generation);
            isDone = consumers.TryGoInline(lease);
            if (isDone && consumers.InlineGeneration(Name, Version) is not null)
            {
                keep();
                consumers.MoveInline(Name, log.IsEmpty ? LogPosition.Start : log.Span[^1].Position);
            }
        });
        return Task.FromResult(isDone);
    }

    public Action Prepare(IReadOnlyList<RecordedEvent> events)
    {
        if (consumers.InlineGeneration(Name, Version) is not { } generation)
        {
            return () => { };
        }

        var keep = Fold(events, generation);
        return () =>
        {
            keep();
            consumers.MoveInline(Name, events[^1].Position);
        };
    }

    private Action Fold(IEnumerable<RecordedEvent> events, int generation)
    {
        var changes = new Dictionary<string, TView?>(StringComparer.Ordinal);
        foreach (var envelope in serializer.DeserializeFor(this, events))
        {
            foreach (var key in projection.KeysOf(envelope))
            {
                changes[key] = projection.Fold(changes.TryGetValue(key, out var changed) ? changed : table.Find(generation, key), key, envelope);
            }
        }

        return () => table.Set(generation, changes);
    }
}
