namespace EventSourcing;

/// <summary>Finds events of any stream by their id or by what their metadata say: a capability of a store, apart from
/// <see cref="IEventStore"/>. <see cref="AuditTrail"/> is built on it.</summary>
public interface IEventLookup
{
    /// <summary>Finds events.</summary>
    /// <remarks>All that is committed is found, also what readers of the log are not shown yet. Values are compared character by character; an
    /// <see cref="AuditKey.EventId"/> is compared as the <see cref="Guid"/> that its text stands for. An event whose metadata cannot be read is found by its id alone.</remarks>
    /// <param name="key">By what.</param>
    /// <param name="values">The values of which an event has one; none find nothing.</param>
    /// <param name="cancellationToken">Ends the looking.</param>
    /// <returns>The events in position order, each once.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such key.</exception>
    /// <exception cref="EventStoreUnavailableException">The store cannot be reached.</exception>
    IAsyncEnumerable<RecordedEvent> FindAsync(AuditKey key, IReadOnlyCollection<string> values, CancellationToken cancellationToken = default);
}
