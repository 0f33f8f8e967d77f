namespace EventSourcing;

/// <summary>
/// Builds a read model from events. The runner reads and types the events; a projection applies them page by page and
/// keeps its own checkpoint beside its read model.
/// </summary>
/// <remarks>
/// A read model is a disposable view: a projection has no effects outside it. Most projections derive from
/// <see cref="Projection"/> or from an adapter's base and never implement this interface.
/// </remarks>
public interface IProjection
{
    /// <summary>The name under which the checkpoint is kept: unique, at most 200 characters.</summary>
    string Name { get; }

    /// <summary>The classes (or bases and interfaces) of events to be handed over; empty means every event.</summary>
    IReadOnlyCollection<Type> EventTypes { get; }

    /// <summary>The categories of streams to be handed over; empty means every category.</summary>
    IReadOnlyCollection<string> Categories { get; }

    /// <summary>Where the projection goes on. Called before the first page and again after a failure.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The checkpoint; <see cref="Checkpoint.Start"/> at the very beginning.</returns>
    Task<Checkpoint> LoadCheckpointAsync(CancellationToken cancellationToken);

    /// <summary>Applies one page and moves the checkpoint from its start to its end: both or neither.</summary>
    /// <param name="page">The events in position order; possibly none, where the log holds only others.</param>
    /// <param name="cancellationToken">Gives up; the page will come again.</param>
    /// <exception cref="EventHandlingException">The handling of an event failed.</exception>
    /// <exception cref="EventStoreUnavailableException">The read model cannot be reached; the runner waits and tries again.</exception>
    Task ApplyAsync(ProjectionPage page, CancellationToken cancellationToken);
}
