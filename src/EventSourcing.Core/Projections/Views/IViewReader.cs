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
    /// <exception cref="ArgumentException">No view can have the key, see <see cref="ViewKey"/>.</exception>
    /// <exception cref="InvalidOperationException">What is kept does not fit the view's class.</exception>
    /// <exception cref="EventStoreUnavailableException">The read model cannot be reached.</exception>
    Task<TView?> FindAsync(string key, CancellationToken cancellationToken = default);

    /// <summary>Reads all views, in the order of their keys by code points, which is that of their bytes in UTF-8.</summary>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="InvalidOperationException">What is kept does not fit the view's class.</exception>
    /// <exception cref="EventStoreUnavailableException">The read model cannot be reached.</exception>
    IAsyncEnumerable<KeyValuePair<string, TView>> ReadAllAsync(CancellationToken cancellationToken = default);
}
