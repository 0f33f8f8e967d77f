namespace EventSourcing;

/// <summary>
/// A projection whose read model lives in the object itself, for tests and small applications: built anew from the whole
/// log in each process.
/// </summary>
/// <remarks>
/// <para>The checkpoint is kept in memory with the read model and moves with each event, so that a retry after a failure
/// never applies an event twice. A handler that throws should throw before it changes anything.</para>
/// <para>Handlers run one at a time; whoever reads the read model meanwhile needs a collection that allows it, such as
/// <see cref="System.Collections.Concurrent.ConcurrentDictionary{TKey, TValue}"/>.</para>
/// <para>Given a checkpoint store, it suits targets outside that have no transaction to share (a search index, a file): the
/// checkpoint is kept after each page, and after a crash events of the last page come again (at least once).</para>
/// </remarks>
public abstract class Projection : IProjection
{
    private readonly EventHandlers<CancellationToken> handlers = new();
    private readonly ICheckpointStore? checkpoints;
    private LogPosition current;

    /// <summary>Names the projection; the constructor of the derived class then declares handlers with <c>On</c>.</summary>
    /// <param name="name">A unique name, at most 200 characters.</param>
    /// <param name="checkpoints">Where to keep the checkpoint beyond the process; by default nowhere.</param>
    protected Projection(string name, ICheckpointStore? checkpoints = null)
    {
        CheckpointName.ThrowIfInvalid(name);
        Name = name;
        this.checkpoints = checkpoints;
        DeclareHandlers();
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public IReadOnlyCollection<Type> EventTypes => handlers.EventTypes;

    /// <inheritdoc/>
    public virtual IReadOnlyCollection<string> Categories => [];

    /// <summary>False: each process builds its own.</summary>
    public bool IsShared => false;

    /// <inheritdoc/>
    public async Task<LogPosition> LoadPositionAsync(ConsumerLease lease, CancellationToken cancellationToken)
    {
        if (checkpoints is not null && current == LogPosition.Start)
        {
            current = (await checkpoints.LoadAsync(Name, cancellationToken).ConfigureAwait(false) ?? Checkpoint.Start).Position;
        }

        return current;
    }

    /// <inheritdoc/>
    public async Task ApplyAsync(ConsumerLease lease, EventPage page, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(page);
        foreach (var envelope in page.Events)
        {
            cancellationToken.ThrowIfCancellationRequested();
            await handlers.HandleAsync(envelope, cancellationToken).ConfigureAwait(false);
            current = envelope.Position;
        }

        current = page.To;
        if (checkpoints is not null)
        {
            await checkpoints.SaveAsync(Name, Checkpoint.After(current), cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Declares handlers; called by the constructor. Does nothing by itself: for a partial class with methods named
    /// <c>On</c> the generator that comes with this package overrides it.</summary>
    protected virtual void DeclareHandlers()
    {
    }

    /// <summary>Declares the handler of an event class.</summary>
    /// <typeparam name="TEvent">The event's class, or a base or interface of several.</typeparam>
    /// <param name="handle">Changes the read model.</param>
    /// <exception cref="InvalidOperationException">The class has a handler already.</exception>
    protected void On<TEvent>(Action<TEvent, EventEnvelope> handle)
        where TEvent : notnull
    {
        ArgumentNullException.ThrowIfNull(handle);
        handlers.On<TEvent>((@event, envelope, _) =>
        {
            handle(@event, envelope);
            return Task.CompletedTask;
        });
    }

    /// <summary>Declares the handler of an event class, for read models that are written with I/O.</summary>
    /// <typeparam name="TEvent">The event's class, or a base or interface of several.</typeparam>
    /// <param name="handle">Changes the read model.</param>
    /// <exception cref="InvalidOperationException">The class has a handler already.</exception>
    protected void On<TEvent>(Func<TEvent, EventEnvelope, CancellationToken, Task> handle)
        where TEvent : notnull => handlers.On(handle);
}
