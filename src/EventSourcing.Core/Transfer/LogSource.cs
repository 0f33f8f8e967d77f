namespace EventSourcing;

/// <summary>Logs as they are copied: of a store, and transformed.</summary>
public static class LogSource
{
    /// <summary>The log of a store, as far as it is final now.</summary>
    /// <remarks>It is known again by its first event. Gone on with later, it may end later.</remarks>
    /// <param name="store">The store.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="EventStoreUnavailableException">The store cannot be reached.</exception>
    public static async Task<ILogSource> OfAsync(IEventStore store, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        var end = (await store.GetHeadAsync(cancellationToken).ConfigureAwait(false)).Final;
        var first = await store.ReadLogAsync(new LogReadOptions { UpTo = end, PageSize = 1 }, cancellationToken).ConfigureAwait(false);
        return new StoreSource(store, end, first.Events.Count == 0 ? "an empty log" : $"log that begins with event {first.Events[0].Id}");
    }

    /// <summary>A log whose events are renamed, changed, split, merged or dropped on their way.</summary>
    /// <remarks>
    /// <para>What comes out is numbered anew: positions and the versions of each stream are 1, 2, 3 … The first event that is made of another
    /// keeps its id, further ones get ids that are made of it and are the same on every run, unless the function gives them others. Everything
    /// else stays as it is, but for what the function changes with <see cref="RecordedEvent.With"/>.</para>
    /// <para>The log is read twice: first to see that every event can be transformed, and how many there will be; nothing is stored before. The
    /// versions of all streams are held in memory, some hundred bytes each.</para>
    /// </remarks>
    /// <param name="source">The log.</param>
    /// <param name="name">The transformation's name, by which an interrupted copy is known again: another one for another function.</param>
    /// <param name="transform">What becomes of an event: itself, changed, several, or none. Pure: it is called more than once, and has to give the
    /// same each time.</param>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    public static ILogSource Transform(this ILogSource source, string name, Func<RecordedEvent, IEnumerable<RecordedEvent>> transform)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(transform);
        return new TransformedSource(source, name, transform);
    }
}
