namespace EventSourcing;

/// <summary>What follows the log page by page, from a checkpoint of its own: a projection or a reactor.</summary>
public interface IEventConsumer
{
    /// <summary>The name under which its checkpoint is kept: unique in the log, at most 200 characters.</summary>
    string Name { get; }

    /// <summary>The classes (or bases and interfaces) of events to be handed over; empty means every event.</summary>
    IReadOnlyCollection<Type> EventTypes { get; }

    /// <summary>The categories of streams to be handed over; empty means every category.</summary>
    IReadOnlyCollection<string> Categories => [];

    /// <summary>Into how many shards it is divided by stream, each with a checkpoint of its own; 1 by default.</summary>
    int Shards => 1;

    /// <summary>Whether all processes share one, which runs under a lease in exactly one of them; otherwise each process has one
    /// of its own. True by default.</summary>
    bool IsShared => true;

    /// <summary>Where it goes on. Called before the first page and again after a failure.</summary>
    /// <param name="lease">The right to run it.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>Up to here, inclusive, everything has been applied; <see cref="LogPosition.Start"/> at the very beginning.</returns>
    /// <exception cref="LeaseLostException">Somebody else runs it by now.</exception>
    Task<LogPosition> LoadPositionAsync(ConsumerLease lease, CancellationToken cancellationToken);

    /// <summary>Applies one page and moves the checkpoint from its start to its end: both or neither.</summary>
    /// <param name="lease">The right to run it, checked in the same transaction.</param>
    /// <param name="page">The events in position order; possibly none, where the log holds only others.</param>
    /// <param name="cancellationToken">Gives up; the page will come again.</param>
    /// <exception cref="LeaseLostException">Somebody else runs it by now; nothing is kept.</exception>
    /// <exception cref="EventHandlingException">The handling of an event failed.</exception>
    /// <exception cref="EventStoreUnavailableException">What it writes to cannot be reached; the runner waits and tries again.</exception>
    Task ApplyAsync(ConsumerLease lease, EventPage page, CancellationToken cancellationToken);
}
