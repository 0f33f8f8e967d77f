namespace EventSourcing;

/// <summary>Finds the views of a projection, as the generation that serves readers shows them.</summary>
/// <typeparam name="TView">The view.</typeparam>
public interface IViewReader<TView>
    where TView : class
{
    /// <summary>Finds a view.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The view; null where there is none.</returns>
    /// <exception cref="EventStoreUnavailableException">The read model cannot be reached.</exception>
    Task<TView?> FindAsync(string key, CancellationToken cancellationToken = default);

    /// <summary>Reads all views, in the ordinal order of their keys.</summary>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="EventStoreUnavailableException">The read model cannot be reached.</exception>
    IAsyncEnumerable<KeyValuePair<string, TView>> ReadAllAsync(CancellationToken cancellationToken = default);
}
