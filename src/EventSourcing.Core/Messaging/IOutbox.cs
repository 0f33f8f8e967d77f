namespace EventSourcing;

/// <summary>
/// The port to the outbox: public messages that have been decided on with the log, and wait for the broker. An adapter keeps rows
/// beside its consumer store; when to do what is decided once, above this interface.
/// </summary>
/// <remarks>Numbers rise in the order in which messages were written. A message goes only when it was published or discarded.</remarks>
public interface IOutbox
{
    /// <summary>Where a translator goes on.</summary>
    /// <param name="lease">The right to run it.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="LeaseLostException">Somebody else runs it by now.</exception>
    /// <exception cref="EventStoreUnavailableException">The store cannot be reached.</exception>
    Task<LogPosition> LoadPositionAsync(ConsumerLease lease, CancellationToken cancellationToken = default);

    /// <summary>Writes the messages of a page and moves the translator's checkpoint from its start to its end: both or neither, and
    /// durably. A message whose id is there already is not written again.</summary>
    /// <param name="lease">The right to run the translator, checked in the same transaction.</param>
    /// <param name="page">The page.</param>
    /// <param name="messages">Its messages in order, possibly none.</param>
    /// <param name="cancellationToken">Gives up; the page will come again.</param>
    /// <exception cref="LeaseLostException">Somebody else runs it by now; nothing is kept.</exception>
    /// <exception cref="EventStoreUnavailableException">The store cannot be reached.</exception>
    Task WriteAsync(ConsumerLease lease, EventPage page, IReadOnlyList<PublicMessage> messages, CancellationToken cancellationToken = default);

    /// <summary>The messages that wait, oldest first, without the parked ones.</summary>
    /// <param name="lease">The right to relay.</param>
    /// <param name="count">The most to read; fewer where they are large, one at least where one waits.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="LeaseLostException">Somebody else relays by now.</exception>
    /// <exception cref="EventStoreUnavailableException">The store cannot be reached.</exception>
    Task<IReadOnlyList<OutboxMessage>> ReadAsync(ConsumerLease lease, int count, CancellationToken cancellationToken = default);

    /// <summary>Removes messages that have been published.</summary>
    /// <param name="lease">The right to relay, checked in the same transaction.</param>
    /// <param name="numbers">The messages.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="LeaseLostException">Somebody else relays by now; nothing is removed.</exception>
    /// <exception cref="EventStoreUnavailableException">The store cannot be reached.</exception>
    Task RemoveAsync(ConsumerLease lease, IReadOnlyCollection<long> numbers, CancellationToken cancellationToken = default);

    /// <summary>Sets a message aside.</summary>
    /// <param name="lease">The right to relay, checked in the same transaction.</param>
    /// <param name="number">The message.</param>
    /// <param name="error">Why.</param>
    /// <param name="attempts">How often it was tried.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="LeaseLostException">Somebody else relays by now; nothing is changed.</exception>
    /// <exception cref="EventStoreUnavailableException">The store cannot be reached.</exception>
    Task ParkAsync(ConsumerLease lease, long number, string error, int attempts, CancellationToken cancellationToken = default);

    /// <summary>The messages that are set aside, oldest first.</summary>
    /// <param name="count">The most to read.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="EventStoreUnavailableException">The store cannot be reached.</exception>
    Task<IReadOnlyList<ParkedMessage>> ReadParkedAsync(int count, CancellationToken cancellationToken = default);

    /// <summary>Decides on a message that is set aside: it waits again, at its old place, or is removed.</summary>
    /// <param name="messageId">The message.</param>
    /// <param name="isDiscarded">Whether it is removed.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>False where no such message is set aside.</returns>
    /// <exception cref="EventStoreUnavailableException">The store cannot be reached.</exception>
    Task<bool> SettleParkedAsync(Guid messageId, bool isDiscarded, CancellationToken cancellationToken = default);

    /// <summary>How much waits.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="EventStoreUnavailableException">The store cannot be reached.</exception>
    Task<OutboxBacklog> ReadBacklogAsync(CancellationToken cancellationToken = default);
}
