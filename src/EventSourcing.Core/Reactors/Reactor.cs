namespace EventSourcing;

/// <summary>
/// Does something when an event has happened: a process manager that sends commands, or an effect outside (mail, payment,
/// publishing). The derived class declares handlers with <c>On</c> and <c>OnMessage</c> in its constructor.
/// </summary>
/// <remarks>
/// <para>Each event is handled at least once: its receipt is stored with the reactor's place in the log after the handler has
/// completed, so a crash repeats at most the one effect under way, with the same <see cref="ReactorContext.IdempotencyKey"/>.</para>
/// <para>Its place in the log only moves forward. Nothing that is done with projections makes it run an effect again; only
/// <see cref="ReactorRunner.RunEffectsAgainAsync"/> does.</para>
/// <para>One object serves all shards at the same time: a reactor of several keeps nothing in fields.</para>
/// </remarks>
public abstract class Reactor
{
    /// <summary>Names the reactor.</summary>
    /// <param name="name">A name of its own among all reactors and projections, at most 200 characters. It is part of every
    /// idempotency key, and never changes.</param>
    /// <param name="startAfter">Where it begins when it is first run: after this position, or, where it is null, with what is appended
    /// from then on, whose past is not repeated. <see cref="LogPosition.Start"/> is for the whole log.</param>
    /// <exception cref="ArgumentException">The name is empty, too long, or holds U+0000 or a lone surrogate.</exception>
    protected Reactor(string name, LogPosition? startAfter = null)
    {
        CheckpointName.ThrowIfInvalid(name);
        Name = name;
        StartAfter = startAfter;
        DeclareHandlers();
    }

    /// <summary>The name under which its place in the log and its receipts are kept.</summary>
    public string Name { get; }

    /// <summary>The position after which it begins when it is first run; null for now.</summary>
    public LogPosition? StartAfter { get; }

    /// <summary>The categories of streams whose events it handles; empty, the default, means every category.</summary>
    public virtual IReadOnlyCollection<string> Categories => [];

    /// <summary>How many members its consumer group has, 1 to 1,024; 1 by default. They share its events by stream, in one process or in
    /// several, and each stream's events are handled one after the other. A change takes effect when no process runs it.</summary>
    public virtual int Shards => 1;

    /// <summary>How long receipts are kept at least, for people who ask what was done; 7 days by default. A receipt that may still
    /// be needed is kept for longer.</summary>
    public virtual TimeSpan ReceiptRetention => TimeSpan.FromDays(7);

    internal EventHandlers<ReactorContext> Events { get; } = new();

    internal EventHandlers<ReactorContext> Messages { get; } = new();

    /// <summary>Declares handlers; called by the constructor. Does nothing by itself: for a partial class with methods named
    /// <c>On</c> or <c>OnMessage</c> the generator that comes with this package overrides it.</summary>
    protected virtual void DeclareHandlers()
    {
    }

    /// <summary>Declares the handler of an event class.</summary>
    /// <typeparam name="TEvent">The event's class, or a base or interface of several.</typeparam>
    /// <param name="handle">Runs the effect. When it throws, it is tried again; see <see cref="ConsumerOptions"/>.</param>
    /// <exception cref="InvalidOperationException">The class has a handler already.</exception>
    protected void On<TEvent>(Func<TEvent, ReactorContext, Task> handle)
        where TEvent : notnull
    {
        ArgumentNullException.ThrowIfNull(handle);
        Events.On<TEvent>((@event, _, context) => handle(@event, context));
    }

    /// <summary>Declares the handler of messages that the reactor has scheduled for itself: timeouts, reminders.</summary>
    /// <typeparam name="TMessage">The message's class, registered under a stored name as events are.</typeparam>
    /// <param name="handle">Runs the effect. When it throws, it is tried again, and parked after
    /// <see cref="ConsumerOptions.MaxAttempts"/>.</param>
    /// <exception cref="InvalidOperationException">The class has a handler already.</exception>
    protected void OnMessage<TMessage>(Func<TMessage, ReactorContext, Task> handle)
        where TMessage : notnull
    {
        ArgumentNullException.ThrowIfNull(handle);
        Messages.On<TMessage>((message, _, context) => handle(message, context));
    }
}
