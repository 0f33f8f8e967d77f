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
}
