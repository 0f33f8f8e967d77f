namespace EventSourcing;

/// <summary>The port to the place where the views of one projection are kept, with its checkpoint beside them.</summary>
/// <typeparam name="TView">The view.</typeparam>
public interface IViewTable<TView> : IViewReader<TView>
    where TView : class
{
    /// <summary>Makes what is missing of the generation's place, and says where it goes on.</summary>
    /// <param name="lease">The right to write.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="LeaseLostException">Somebody else has the right by now.</exception>
    /// <exception cref="EventStoreUnavailableException">The read model cannot be reached.</exception>
    Task<LogPosition> PrepareAsync(ConsumerLease lease, CancellationToken cancellationToken);

    /// <summary>Loads views of a generation.</summary>
    /// <param name="lease">Which generation.</param>
    /// <param name="keys">The keys, each once.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The views that there are, by key.</returns>
    /// <exception cref="EventStoreUnavailableException">The read model cannot be reached.</exception>
    Task<IReadOnlyDictionary<string, TView>> LoadAsync(ConsumerLease lease, IReadOnlyCollection<string> keys, CancellationToken cancellationToken);

    /// <summary>Writes what has become of the views of a page and moves the checkpoint: both or neither.</summary>
    /// <param name="lease">The right to write, checked in the same transaction together with the checkpoint's old place.</param>
    /// <param name="page">The page.</param>
    /// <param name="changes">The views that have changed, by key; null for one that is gone.</param>
    /// <param name="cancellationToken">Gives up; nothing is written, or all.</param>
    /// <exception cref="LeaseLostException">Somebody else has the right by now, or has moved the checkpoint; nothing is written.</exception>
    /// <exception cref="EventStoreUnavailableException">The read model cannot be reached.</exception>
    Task WriteAsync(ConsumerLease lease, EventPage page, IReadOnlyDictionary<string, TView?> changes, CancellationToken cancellationToken);

    /// <summary>
    /// Replaces one view of the serving generation by what the log says, while nobody else writes the generation.
    /// </summary>
    /// <param name="key">The view's key.</param>
    /// <param name="fold">Folds the view up to a position, once it stands still there.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="InvalidOperationException">There is no read model yet.</exception>
    /// <exception cref="EventStoreUnavailableException">The read model cannot be reached.</exception>
    Task ReplaceAsync(string key, Func<LogPosition, Task<TView?>> fold, CancellationToken cancellationToken);
}
