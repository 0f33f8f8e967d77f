namespace EventSourcing;

/// <summary>
/// The port to what reactors remember: a receipt for each event and message that has been handled, and the messages that they
/// have scheduled. Where they stand is kept beside, in the rows of <see cref="IConsumerStore"/>.
/// </summary>
/// <remarks>Whatever is written under a lease is refused with <see cref="LeaseLostException"/> when somebody else has it by now, and
/// is durable when the call returns. Every call throws <see cref="EventStoreUnavailableException"/> where the store cannot be reached.</remarks>
public interface IReactorStore
{
    /// <summary>Where a reactor's shard goes on.</summary>
    /// <param name="lease">The right to run it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="LeaseLostException">Somebody else runs it by now.</exception>
    Task<ReactorCursor> LoadAsync(ConsumerLease lease, CancellationToken cancellationToken = default);

    /// <summary>The receipts of a part of the log.</summary>
    /// <param name="reactor">The reactor's name.</param>
    /// <param name="after">The position before the first.</param>
    /// <param name="upTo">The position of the last.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The ids of events and messages that have been handled.</returns>
    Task<IReadOnlySet<Guid>> FindReceiptsAsync(string reactor, LogPosition after, LogPosition upTo, CancellationToken cancellationToken = default);

    /// <summary>Moves a shard from the start of a page to its end, and stores what came of its event in the same moment: all or nothing.</summary>
    /// <param name="lease">The right to run it.</param>
    /// <param name="page">From where to where, and the dead letter if there is one.</param>
    /// <param name="outcome">What came of the one event handled; null where none was. A move without an outcome or a dead letter may be
    /// forgotten when the store crashes.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="LeaseLostException">Somebody else runs it by now, or it stands elsewhere; nothing is stored.</exception>
    Task MoveAsync(ConsumerLease lease, EventPage page, ReactorOutcome? outcome, CancellationToken cancellationToken = default);

    /// <summary>The next message of a shard.</summary>
    /// <param name="lease">The right to run it.</param>
    /// <param name="within">How far to look ahead.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The one that is due first; null where none is due in that time.</returns>
    /// <exception cref="LeaseLostException">Somebody else runs it by now.</exception>
    Task<DueMessage?> FindNextMessageAsync(ConsumerLease lease, TimeSpan within, CancellationToken cancellationToken = default);

    /// <summary>Removes a message that has been handled, and stores what came of it.</summary>
    /// <param name="lease">The right to run the shard.</param>
    /// <param name="message">The message; one that has replaced it meanwhile stays.</param>
    /// <param name="outcome">What came of it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="LeaseLostException">Somebody else runs it by now; nothing is stored.</exception>
    Task SettleMessageAsync(ConsumerLease lease, ScheduledMessage message, ReactorOutcome outcome, CancellationToken cancellationToken = default);

    /// <summary>Keeps a message whose handler has failed.</summary>
    /// <param name="lease">The right to run the shard.</param>
    /// <param name="message">The message, with its new attempts and error.</param>
    /// <param name="pause">When to deliver it again; null to park it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="LeaseLostException">Somebody else runs it by now; nothing is stored.</exception>
    Task PostponeMessageAsync(ConsumerLease lease, ScheduledMessage message, TimeSpan? pause, CancellationToken cancellationToken = default);

    /// <summary>The messages of a reactor that are to be delivered or parked, in the order in which they are due.</summary>
    /// <param name="reactor">The reactor's name.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task<IReadOnlyList<ScheduledMessage>> ListMessagesAsync(string reactor, CancellationToken cancellationToken = default);

    /// <summary>Has a parked message delivered again, at once and with all its attempts.</summary>
    /// <param name="reactor">The reactor's name.</param>
    /// <param name="id">The message's id.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Whether it was there and parked.</returns>
    Task<bool> RetryMessageAsync(string reactor, Guid id, CancellationToken cancellationToken = default);

    /// <summary>Drops a message, parked or not.</summary>
    /// <param name="reactor">The reactor's name.</param>
    /// <param name="id">The message's id.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Whether it was there.</returns>
    Task<bool> RemoveMessageAsync(string reactor, Guid id, CancellationToken cancellationToken = default);

    /// <summary>Removes a dead letter whose event has been handled after all, and stores what came of it.</summary>
    /// <param name="letter">The dead letter.</param>
    /// <param name="outcome">What came of it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Whether it was still there; nothing is stored otherwise.</returns>
    Task<bool> SettleDeadLetterAsync(DeadLetter letter, ReactorOutcome outcome, CancellationToken cancellationToken = default);

    /// <summary>Puts a reactor back: every shard that is beyond the position stands there again, its owner loses it, and receipts, dead
    /// letters and messages of later events are forgotten.</summary>
    /// <param name="reactor">The reactor's name.</param>
    /// <param name="position">Where to go on.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Whether there is such a reactor.</returns>
    Task<bool> ResetAsync(string reactor, LogPosition position, CancellationToken cancellationToken = default);

    /// <summary>Forgets receipts that are old and at or below the position of every shard: no shard can come to their events again.</summary>
    /// <param name="reactor">The reactor's name.</param>
    /// <param name="olderThan">The age, by the store's clock, that they have at least.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task PruneReceiptsAsync(string reactor, TimeSpan olderThan, CancellationToken cancellationToken = default);
}
