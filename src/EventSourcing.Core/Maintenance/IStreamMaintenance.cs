namespace EventSourcing;

/// <summary>
/// What an administrator does with streams in the course of the years: a capability of a store, apart from <see cref="IEventStore"/>. Each
/// operation takes effect as a whole or not at all, beside appends and readers, and may be repeated: what is done already is left as it
/// is. Who did it and why is kept, see <see cref="ReadOperationsAsync"/>.
/// </summary>
/// <remarks>Whatever happens to a stream, its versions and the positions of the log are never given out again.</remarks>
public interface IStreamMaintenance
{
    /// <summary>Closes a stream that is at rest, and puts its events out of the way of the others. They are read as before, in the stream
    /// and in their place in the log; appends are refused with <see cref="StreamClosedException"/>.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="note">Who does it, and why.</param>
    /// <param name="cancellationToken">Stops waiting; it may be done all the same.</param>
    /// <returns>The stream as it is now.</returns>
    /// <exception cref="ArgumentException">There is no such stream.</exception>
    /// <exception cref="StreamClosedException">The stream is deleted.</exception>
    /// <exception cref="UnauthorizedAccessException">The store's login may not maintain streams.</exception>
    /// <exception cref="EventStoreUnavailableException">The store cannot be reached; it may be done all the same.</exception>
    Task<StreamInfo> ArchiveAsync(StreamName stream, MaintenanceNote note, CancellationToken cancellationToken = default);

    /// <summary>Opens an archived stream again: it takes appends as before.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="note">Who does it, and why.</param>
    /// <param name="cancellationToken">Stops waiting; it may be done all the same.</param>
    /// <returns>The stream as it is now.</returns>
    /// <exception cref="ArgumentException">There is no such stream.</exception>
    /// <exception cref="StreamClosedException">The stream is deleted: nothing is left to restore.</exception>
    /// <exception cref="UnauthorizedAccessException">The store's login may not maintain streams.</exception>
    /// <exception cref="EventStoreUnavailableException">The store cannot be reached; it may be done all the same.</exception>
    Task<StreamInfo> RestoreAsync(StreamName stream, MaintenanceNote note, CancellationToken cancellationToken = default);

    /// <summary>Removes the events before a version, for which something else stands in. They are gone for good; an append of theirs
    /// that is repeated gets a <see cref="ConcurrencyConflictException"/>.</summary>
    /// <param name="stream">The stream, open or archived.</param>
    /// <param name="before">The first version that stays: from 2 to that of the stream's last event. Where it is the stream's first already,
    /// or lower than that, there is nothing to do.</param>
    /// <param name="standIn">What a state is made of from then on. <see cref="StreamStandIn.Summary"/>: the event at
    /// <paramref name="before"/>, whose class is an <see cref="IStreamSummary"/>. <see cref="StreamStandIn.Snapshot"/>: a stored snapshot of that
    /// version or a later one.</param>
    /// <param name="note">Who does it, and why.</param>
    /// <param name="evenUnread">Whether the events may go although projections, reactors or subscribers have not read them yet; by default not.</param>
    /// <param name="cancellationToken">Stops waiting; it may be done all the same.</param>
    /// <returns>The stream as it is now.</returns>
    /// <exception cref="ArgumentException">There is no such stream, or <paramref name="before"/> is none of its versions from 2 on.</exception>
    /// <exception cref="InvalidOperationException">What is to stand in is not there. Nothing is removed.</exception>
    /// <exception cref="UnreadEventsException">Somebody has not read the events yet. Nothing is removed.</exception>
    /// <exception cref="StreamClosedException">The stream is deleted.</exception>
    /// <exception cref="UnauthorizedAccessException">The store's login may not maintain streams.</exception>
    /// <exception cref="EventStoreUnavailableException">The store cannot be reached; it may be done all the same.</exception>
    Task<StreamInfo> TruncateAsync(
        StreamName stream,
        StreamVersion before,
        StreamStandIn standIn,
        MaintenanceNote note,
        bool evenUnread = false,
        CancellationToken cancellationToken = default);

    /// <summary>Removes all events of a stream and its snapshots, and writes a last event, <see cref="StreamDeleted"/>, that tells readers
    /// of the log. The name is never free again: appends are refused with <see cref="StreamClosedException"/>.</summary>
    /// <param name="stream">The stream, open or archived.</param>
    /// <param name="note">Who does it, and why; both are told by that last event, too.</param>
    /// <param name="evenUnread">Whether the events may go although projections, reactors or subscribers have not read them yet; by default not.</param>
    /// <param name="cancellationToken">Stops waiting; it may be done all the same.</param>
    /// <returns>The stream as it is now.</returns>
    /// <exception cref="ArgumentException">There is no such stream.</exception>
    /// <exception cref="UnreadEventsException">Somebody has not read the events yet. Nothing is removed.</exception>
    /// <exception cref="UnauthorizedAccessException">The store's login may not maintain streams.</exception>
    /// <exception cref="EventStoreUnavailableException">The store cannot be reached; it may be done all the same.</exception>
    Task<StreamInfo> DeleteAsync(StreamName stream, MaintenanceNote note, bool evenUnread = false, CancellationToken cancellationToken = default);

    /// <summary>What has been done, in the order in which it was.</summary>
    /// <param name="stream">With one stream; by default with all.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>The operations; those that found nothing to do are not among them.</returns>
    /// <exception cref="EventStoreUnavailableException">The store cannot be reached.</exception>
    IAsyncEnumerable<StreamOperation> ReadOperationsAsync(StreamName? stream = null, CancellationToken cancellationToken = default);
}
