namespace EventSourcing;

/// <summary>
/// The port to what the processes that share a store agree on: who runs which projection or reactor. Adapters keep rows; who
/// takes what is decided once, above this interface.
/// </summary>
/// <remarks>Of two that believe to own a row, the one with the older epoch cannot write any more: whoever applies a page
/// checks the lease's epoch in the same transaction, and moves the row's position there.</remarks>
public interface IConsumerStore
{
    /// <summary>Reads the board.</summary>
    /// <param name="consumer">Only the rows of this consumer; by default all.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="EventStoreUnavailableException">The store cannot be reached.</exception>
    /// <exception cref="ArgumentException">The name is none that a consumer can have.</exception>
    /// <exception cref="DamagedDataException">A row cannot be read.</exception>
    Task<ConsumerBoard> ReadAsync(string? consumer = null, CancellationToken cancellationToken = default);

    /// <summary>Changes the board; one process at a time.</summary>
    /// <param name="change">Decides what to change, by the board as it is.</param>
    /// <param name="cancellationToken">Gives up; nothing is changed then.</param>
    /// <returns>The board afterwards. A row that somebody is moving at this moment may be as it was: come again.</returns>
    /// <exception cref="EventStoreUnavailableException">The store cannot be reached.</exception>
    Task<ConsumerBoard> ChangeAsync(Func<ConsumerBoard, ConsumerBoardChange> change, CancellationToken cancellationToken = default);

    /// <summary>
    /// Puts what has been built in the place of what serves, at once for all readers, where it shows at least as much of the log:
    /// the building generation becomes the serving one, and the old one is gone.
    /// </summary>
    /// <param name="consumer">The projection.</param>
    /// <param name="generation">The generation that has been built.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>False where it is behind the serving one, or not there any more; nothing is changed then.</returns>
    /// <exception cref="EventStoreUnavailableException">The store cannot be reached.</exception>
    Task<bool> TryPromoteAsync(string consumer, int generation, CancellationToken cancellationToken = default);
}
