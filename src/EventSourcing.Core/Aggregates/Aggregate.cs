namespace EventSourcing;

/// <summary>
/// A base for those who model with classes: methods decide and <see cref="Raise"/> events, <see cref="Apply"/> folds them
/// into fields.
/// </summary>
/// <remarks>An instance belongs to one thread at a time. Deciding is pure: no clock and no I/O in a method that raises.</remarks>
public abstract class Aggregate
{
    private readonly List<object> uncommitted = [];

    /// <summary>The stream that the aggregate was loaded from; set by the repository.</summary>
    public StreamName Stream { get; internal set; }

    /// <summary>The version that the store had when the aggregate was loaded or saved; events raised since do not count.</summary>
    public StreamVersion Version { get; private set; }

    /// <summary>The events raised and not yet saved, in order.</summary>
    public IReadOnlyList<object> UncommittedEvents => uncommitted;

    /// <summary>When snapshots of this class are taken: a <see cref="SnapshotPolicy{TState}"/> of the class itself, the same for
    /// all instances. Never by default.</summary>
    protected internal virtual SnapshotPolicy? Snapshots => null;

    /// <summary>Folds an event into the aggregate's fields; called for stored events on load and for raised ones at once.</summary>
    /// <param name="event">The event.</param>
    protected abstract void Apply(object @event);

    /// <summary>Records that something happened: applies the event and keeps it for saving.</summary>
    /// <param name="event">The event.</param>
    /// <exception cref="ArgumentNullException">The event is null.</exception>
    protected void Raise(object @event)
    {
        ArgumentNullException.ThrowIfNull(@event);
        Apply(@event);
        uncommitted.Add(@event);
    }

    internal void Replay(object @event) => Apply(@event);

    internal void MoveTo(StreamVersion version)
    {
        Version = version;
        uncommitted.Clear();
    }
}
