using System.Collections.Concurrent;

namespace EventSourcing;

/// <summary>
/// The handlers that a projection declares, by event class. An event goes to the handler of its own class, otherwise to
/// that of the base or interface declared first; found once for each class, then remembered.
/// </summary>
/// <typeparam name="TContext">What handlers are given besides the event.</typeparam>
public sealed class EventHandlers<TContext>
{
    private readonly List<(Type Type, Func<EventEnvelope, TContext, Task> Handle)> declared = [];
    private readonly ConcurrentDictionary<Type, Func<EventEnvelope, TContext, Task>?> found = [];

    /// <summary>The declared classes, bases and interfaces.</summary>
    public IReadOnlyCollection<Type> EventTypes => [.. declared.Select(handler => handler.Type)];

    /// <summary>Declares a handler; before the first event is handled.</summary>
    /// <typeparam name="TEvent">The event's class, or a base or interface of several.</typeparam>
    /// <param name="handle">The handler.</param>
    /// <exception cref="InvalidOperationException">The class has a handler already, or events have been handled.</exception>
    public void On<TEvent>(Func<TEvent, EventEnvelope, TContext, Task> handle)
        where TEvent : notnull
    {
        ArgumentNullException.ThrowIfNull(handle);
        if (declared.Exists(handler => handler.Type == typeof(TEvent)))
        {
            throw new InvalidOperationException($"{typeof(TEvent).FullName} has a handler already.");
        }

        if (!found.IsEmpty)
        {
            throw new InvalidOperationException("Handlers are declared in the constructor, before the first event.");
        }

        declared.Add((typeof(TEvent), (envelope, context) => handle((TEvent)envelope.Event, envelope, context)));
    }

    /// <summary>Hands an event to its handler; does nothing where it has none.</summary>
    /// <param name="envelope">The event.</param>
    /// <param name="context">What the handler is given besides.</param>
    /// <exception cref="EventHandlingException">The handler failed.</exception>
    public async Task HandleAsync(EventEnvelope envelope, TContext context)
    {
        ArgumentNullException.ThrowIfNull(envelope);
        var handle = found.GetOrAdd(envelope.Event.GetType(), Find);
        if (handle is null)
        {
            return;
        }

        try
        {
            await handle(envelope, context).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            throw new EventHandlingException(envelope, failure);
        }
    }

    private Func<EventEnvelope, TContext, Task>? Find(Type type) =>
        declared.Find(handler => handler.Type == type).Handle
        ?? declared.Find(handler => handler.Type.IsAssignableFrom(type)).Handle;
}
