namespace EventSourcing;

/// <summary>The port to the events that consumers have given up on. They are put there with the page that goes past them, see
/// <see cref="EventPage.Parked"/>; those of a read model that is being built show when it serves.</summary>
public interface IDeadLetterStore
{
    /// <summary>The dead letters of a consumer, in position order.</summary>
    /// <param name="consumer">The name of the projection or reactor.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="EventStoreUnavailableException">The store cannot be reached.</exception>
    /// <exception cref="ArgumentException">The name is none that a consumer can have.</exception>
    /// <exception cref="DamagedDataException">A row cannot be read.</exception>
    Task<IReadOnlyList<DeadLetter>> ListAsync(string consumer, CancellationToken cancellationToken = default);

    /// <summary>Drops a dead letter.</summary>
    /// <param name="consumer">The name of the projection or reactor.</param>
    /// <param name="position">The event's position.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Whether it was there.</returns>
    /// <exception cref="EventStoreUnavailableException">The store cannot be reached.</exception>
    Task<bool> RemoveAsync(string consumer, LogPosition position, CancellationToken cancellationToken = default);

    /// <summary>How many dead letters there are, and since when: for metrics and alarms.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The consumers that have any, by name.</returns>
    /// <exception cref="EventStoreUnavailableException">The store cannot be reached.</exception>
    Task<IReadOnlyList<DeadLetterCount>> CountAsync(CancellationToken cancellationToken = default);
}
