using System.Collections.Concurrent;

namespace EventSourcing;

/// <summary>
/// A read model of one view for each key: what events say, folded. Says which keys an event concerns and what becomes of their
/// views, and nothing of where they are kept: the store's adapter loads, writes and finds them.
/// </summary>
/// <remarks>
/// <para>A derived class declares its handlers in the constructor. A handler gets the view (null where the key has none), the
/// event and its context, and returns the new view, or null for none. It has no effects, and does not change the view it gets.</para>
/// <para>An event goes to the handler of its own class, otherwise to that of the base or interface declared first.</para>
/// </remarks>
/// <typeparam name="TView">The view: an immutable record that System.Text.Json can write and read.</typeparam>
public abstract class ViewProjection<TView>
    where TView : class
{
    private readonly List<(Type Type, ViewHandler<TView> Handler)> declared = [];
    private readonly ConcurrentDictionary<Type, ViewHandler<TView>?> found = [];

    /// <summary>Names the projection; the constructor of the derived class then declares handlers with <c>On</c>.</summary>
    /// <param name="name">A unique name, at most 200 characters. In PostgreSQL it names the read model's schema.</param>
    /// <param name="version">The version of what it does with events, 1 or more; raise it with every change, and the views are
    /// built anew beside the old ones.</param>
    protected ViewProjection(string name, int version = 1)
    {
        CheckpointName.ThrowIfInvalid(name);
        ArgumentOutOfRangeException.ThrowIfLessThan(version, 1);
        Name = name;
        Version = version;
        DeclareHandlers();
    }

    /// <summary>The projection's name.</summary>
    public string Name { get; }

    /// <summary>The version of what it does with events.</summary>
    public int Version { get; }

    /// <summary>Into how many shards it is divided by stream, to be caught up in parallel; 1 by default. Only for views that are each
    /// made from one stream. A change takes effect when the views are built anew.</summary>
    public virtual int Shards => 1;

    /// <summary>The categories of streams whose events it takes; empty means every category.</summary>
    public virtual IReadOnlyCollection<string> Categories => [];

    /// <summary>The event classes that have handlers.</summary>
    public IReadOnlyCollection<Type> EventTypes => [.. declared.Select(handler => handler.Type)];

    /// <summary>Whether every view is made from the events of one stream, whose name is its key.</summary>
    public bool IsByStream => declared.TrueForAll(handler => handler.Handler.Keys is null);

    /// <summary>Declares handlers; called by the constructor. Does nothing by itself: for a partial class with methods named
    /// <c>On</c> the generator that comes with this package overrides it.</summary>
    protected virtual void DeclareHandlers()
    {
    }

    /// <summary>Declares a handler whose view is that of the event's stream: the stream's name is its key.</summary>
    /// <typeparam name="TEvent">The event's class, or a base or interface of several.</typeparam>
    /// <param name="fold">The view after the event; null for none.</param>
    /// <exception cref="InvalidOperationException">The class has a handler already.</exception>
    protected void On<TEvent>(Func<TView?, TEvent, ViewContext, TView?> fold)
        where TEvent : notnull => Declare(keys: null, fold);

    /// <summary>Declares a handler with a key of the event's choice.</summary>
    /// <typeparam name="TEvent">The event's class, or a base or interface of several.</typeparam>
    /// <param name="key">The key of the view that the event concerns; null where it concerns none.</param>
    /// <param name="fold">The view after the event; null for none.</param>
    /// <exception cref="InvalidOperationException">The class has a handler already.</exception>
    protected void On<TEvent>(Func<TEvent, EventEnvelope, string?> key, Func<TView?, TEvent, ViewContext, TView?> fold)
        where TEvent : notnull
    {
        ArgumentNullException.ThrowIfNull(key);
        Declare(envelope => key((TEvent)envelope.Event, envelope) is { } one ? [one] : [], fold);
    }

    /// <summary>Declares a handler of an event that concerns several views.</summary>
    /// <typeparam name="TEvent">The event's class, or a base or interface of several.</typeparam>
    /// <param name="keys">The keys of the views that the event concerns; one named twice is handled once.</param>
    /// <param name="fold">Each view after the event; null for none.</param>
    /// <exception cref="InvalidOperationException">The class has a handler already.</exception>
    protected void OnEach<TEvent>(Func<TEvent, EventEnvelope, IEnumerable<string>> keys, Func<TView?, TEvent, ViewContext, TView?> fold)
        where TEvent : notnull
    {
        ArgumentNullException.ThrowIfNull(keys);
        Declare(envelope => keys((TEvent)envelope.Event, envelope).Distinct(StringComparer.Ordinal), fold);
    }

    /// <summary>The keys of the views that an event concerns.</summary>
    /// <param name="envelope">The event.</param>
    /// <exception cref="EventHandlingException">The projection's own code failed, or gave what is no <see cref="ViewKey"/>.</exception>
    public IEnumerable<string> KeysOf(EventEnvelope envelope)
    {
        ArgumentNullException.ThrowIfNull(envelope);
        if (HandlerOf(envelope) is not { } handler)
        {
            return [];
        }

        try
        {
            if (handler.Keys is null)
            {
                return [envelope.Stream.Value];
            }

            string[] keys = [.. handler.Keys(envelope)];
            Array.ForEach(keys, ViewKey.ThrowIfInvalid);
            return keys;
        }
        catch (Exception failure)
        {
            throw new EventHandlingException(envelope, failure);
        }
    }

    /// <summary>A view after an event.</summary>
    /// <param name="view">The view before; null where the key has none.</param>
    /// <param name="key">The view's key, one of those that the event concerns.</param>
    /// <param name="envelope">The event.</param>
    /// <returns>The view; null where the key has none any more.</returns>
    /// <exception cref="EventHandlingException">The handler failed.</exception>
    public TView? Fold(TView? view, string key, EventEnvelope envelope)
    {
        ArgumentNullException.ThrowIfNull(envelope);
        try
        {
            return HandlerOf(envelope) is { } handler ? handler.Fold(view, new ViewContext(key, envelope)) : view;
        }
        catch (Exception failure)
        {
            throw new EventHandlingException(envelope, failure);
        }
    }

    private ViewHandler<TView>? HandlerOf(EventEnvelope envelope) => found.GetOrAdd(
        envelope.Event.GetType(),
        static (type, declared) => declared.Find(handler => handler.Type == type).Handler
            ?? declared.Find(handler => handler.Type.IsAssignableFrom(type)).Handler,
        declared);

    private void Declare<TEvent>(Func<EventEnvelope, IEnumerable<string>>? keys, Func<TView?, TEvent, ViewContext, TView?> fold)
        where TEvent : notnull
    {
        ArgumentNullException.ThrowIfNull(fold);
        if (declared.Exists(handler => handler.Type == typeof(TEvent)))
        {
            throw new InvalidOperationException($"{typeof(TEvent).FullName} has a handler already.");
        }

        if (!found.IsEmpty)
        {
            throw new InvalidOperationException("Handlers are declared in the constructor, before the first event.");
        }

        declared.Add((typeof(TEvent), new ViewHandler<TView>(keys, (view, context) => fold(view, (TEvent)context.Envelope.Event, context))));
    }
}
