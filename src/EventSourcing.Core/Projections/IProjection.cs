namespace EventSourcing;

/// <summary>
/// Builds a read model from events. The runner reads and types the events; a projection applies them page by page and
/// keeps its own checkpoint beside its read model.
/// </summary>
/// <remarks>
/// A read model is a disposable view: a projection has no effects outside it. Most projections derive from
/// <see cref="ViewProjection{TView}"/>, <see cref="Projection"/> or an adapter's base and never implement this interface.
/// </remarks>
public interface IProjection : IEventConsumer
{
    /// <summary>The version of what it does with events; 1 by default. Raise it with every change: the read model is then built
    /// anew, beside the old one, which serves until the new one has caught up.</summary>
    int Version => 1;

    /// <summary>Applies an event by itself that was parked before, and removes its dead letter in the same transaction. What came
    /// after it has been applied already.</summary>
    /// <param name="letter">The dead letter.</param>
    /// <param name="events">Its event; none or several where upcasters make so many of it.</param>
    /// <param name="cancellationToken">Gives up; nothing is changed then.</param>
    /// <returns>Whether it was applied; false where its dead letter is gone.</returns>
    /// <exception cref="InvalidOperationException">The projection cannot do that; the default.</exception>
    /// <exception cref="EventHandlingException">The handler failed again; the dead letter stays.</exception>
    Task<bool> RetryAsync(DeadLetter letter, IReadOnlyList<EventEnvelope> events, CancellationToken cancellationToken) =>
        throw new InvalidOperationException($"'{Name}' cannot apply a parked event by itself.");
}
