namespace EventSourcing;

/// <summary>Stores a whole log as it was elsewhere: a capability of a store, apart from <see cref="IEventStore"/>.</summary>
public interface ILogRestore
{
    /// <summary>Stores all events of a source with their positions, versions, ids and times, into an empty log. From then on appends go
    /// on behind them; until it has ended there are none.</summary>
    /// <remarks>An interrupted restore of the same source goes on where it was when it is called again.</remarks>
    /// <param name="source">The source.</param>
    /// <param name="progress">Told after each batch.</param>
    /// <param name="cancellationToken">Ends it; the batches that were told of stay.</param>
    /// <returns>What was told last.</returns>
    /// <exception cref="InvalidOperationException">The log holds events of something else, or its restore has ended already.</exception>
    /// <exception cref="ArgumentException">An event of the source does not fit: its position or version does not follow, it is too
    /// large; the batches before stay.</exception>
    /// <exception cref="EventStoreUnavailableException">The store cannot be reached.</exception>
    Task<RestoreProgress> RestoreAsync(ILogSource source, IProgress<RestoreProgress>? progress = null, CancellationToken cancellationToken = default);
}
