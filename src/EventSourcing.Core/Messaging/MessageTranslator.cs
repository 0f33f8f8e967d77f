using System.Text.Json;

namespace EventSourcing;

/// <summary>
/// Says what other systems are told: translates internal events into <see cref="PublicMessage"/>s, which have a shape of their
/// own. What has no handler stays inside.
/// </summary>
/// <remarks>
/// <para>A derived class declares its handlers in the constructor. They are pure: they look at the event alone, and give the same
/// messages whenever it comes again.</para>
/// <para>The messages are written to the outbox in the transaction that moves the translator's checkpoint, and go out from there
/// (<see cref="PublicMessageRunner"/>). One object serves all shards at the same time.</para>
/// </remarks>
public abstract class MessageTranslator
{
    // Whoever makes a message does not know its number; Translate gives the id.
    private static readonly Guid NotYet = new("ffffffff-ffff-ffff-ffff-ffffffffffff");

    private readonly EventHandlers<List<PublicMessage>> handlers = new();

    /// <summary>Names the translator; the constructor of the derived class then declares handlers with <c>On</c>.</summary>
    /// <param name="name">A unique name, at most 200 characters. It is part of the messages' ids: keep it.</param>
    /// <param name="startAfter">Where it begins when it is first run: after this position, or after
    /// <see cref="LogPosition.Start"/> with the first event of all. By default from now, with what is appended after it is first
    /// run.</param>
    /// <param name="json">How bodies look as JSON; see <see cref="EventSerializer"/> for the default and for trimmed applications.</param>
    /// <exception cref="ArgumentException">The name is not valid, or <see cref="PublicMessageRunner.RelayName"/>.</exception>
    protected MessageTranslator(string name, LogPosition? startAfter = null, JsonSerializerOptions? json = null)
    {
        CheckpointName.ThrowIfInvalid(name);
        if (name == PublicMessageRunner.RelayName)
        {
            throw new ArgumentException($"'{name}' is the name of the relay itself.", nameof(name));
        }

        Name = name;
        StartAfter = startAfter;
        Bodies = new EventSerializer(new EventTypeRegistry(), json).With(keys: null);
        DeclareHandlers();
    }

    /// <summary>The name under which its checkpoint is kept.</summary>
    public string Name { get; }

    /// <summary>After which position it begins when it is first run; null for now.</summary>
    public LogPosition? StartAfter { get; }

    /// <summary>How bodies become JSON.</summary>
    internal EventSerializer Bodies { get; }

    /// <summary>The event classes that have handlers.</summary>
    public IReadOnlyCollection<Type> EventTypes => handlers.EventTypes;

    /// <summary>The categories of streams to look at; empty, the default, for every one.</summary>
    public virtual IReadOnlyCollection<string> Categories => [];

    /// <summary>Into how many shards it is divided by stream, each with a checkpoint of its own; 1 by default. Messages of one stream
    /// stay in order. After a change some may go out again, with the same ids.</summary>
    public virtual int Shards => 1;

    /// <summary>The messages that an event becomes, in order; none where it has no handler.</summary>
    /// <remarks>Each gets an id that is made from the translator's name, the event's id and its place among the event's messages,
    /// whatever the handler has given: the same message has the same id whenever it is made. What the handler has left out is
    /// taken from the event: <see cref="PublicMessage.Key"/> is its stream, <see cref="PublicMessage.CausationId"/> its id, and
    /// correlation and trace are those of its metadata, where they fit into a message.</remarks>
    /// <param name="envelope">The event.</param>
    /// <returns>The messages.</returns>
    /// <exception cref="EventHandlingException">The handler failed, or gave what is no message.</exception>
    public IReadOnlyList<PublicMessage> Translate(EventEnvelope envelope)
    {
        ArgumentNullException.ThrowIfNull(envelope);
        var messages = new List<PublicMessage>();

        // Handlers are synchronous: this has completed when it returns.
        handlers.HandleAsync(envelope, messages).GetAwaiter().GetResult();
        return messages;
    }

    /// <summary>Declares handlers; called by the constructor. Does nothing by itself: for a partial class with methods named
    /// <c>On</c> the generator that comes with this package overrides it.</summary>
    protected virtual void DeclareHandlers()
    {
    }

    /// <summary>Declares what an event class becomes.</summary>
    /// <typeparam name="TEvent">The event's class, or a base or interface of several.</typeparam>
    /// <param name="translate">Makes the message, as a rule with <see cref="Message"/>; null for none.</param>
    /// <exception cref="InvalidOperationException">The class has a handler already.</exception>
    protected void On<TEvent>(Func<TEvent, EventEnvelope, PublicMessage?> translate)
        where TEvent : notnull
    {
        ArgumentNullException.ThrowIfNull(translate);
        OnEach<TEvent>((@event, envelope) => translate(@event, envelope) is { } message ? [message] : []);
    }

    /// <summary>Declares what an event class becomes, for one that is told in several messages.</summary>
    /// <typeparam name="TEvent">The event's class, or a base or interface of several.</typeparam>
    /// <param name="translate">Makes the messages, in the order in which they go out: the same number and order each time.</param>
    /// <exception cref="InvalidOperationException">The class has a handler already.</exception>
    protected void OnEach<TEvent>(Func<TEvent, EventEnvelope, IEnumerable<PublicMessage>> translate)
        where TEvent : notnull
    {
        ArgumentNullException.ThrowIfNull(translate);
        handlers.On<TEvent>((@event, envelope, messages) =>
        {
            foreach (var message in translate(@event, envelope))
            {
                messages.Add(MessageOrigin.Complete(message, Name, envelope, messages.Count));
            }

            return Task.CompletedTask;
        });
    }

    /// <summary>A message with a record of yours as its body; when it happened is when the event was recorded.</summary>
    /// <typeparam name="TBody">The record: a class of the contract with others, not an event.</typeparam>
    /// <param name="envelope">The event.</param>
    /// <param name="topic">What consumers subscribe to.</param>
    /// <param name="type">The chosen name of the message's type, with its version.</param>
    /// <param name="body">The content.</param>
    /// <returns>The message, to be changed with <c>with</c> where that is wanted.</returns>
    /// <exception cref="ArgumentException">A name does not fit into a message.</exception>
    /// <exception cref="JsonException">The body cannot be written as JSON.</exception>
    protected PublicMessage Message<TBody>(EventEnvelope envelope, string topic, string type, TBody body)
        where TBody : notnull
    {
        ArgumentNullException.ThrowIfNull(envelope);
        return new PublicMessage
        {
            Id = NotYet,
            Topic = topic,
            Type = type,
            Body = Bodies.SerializeView(body),
            OccurredAt = envelope.RecordedAt,
        };
    }
}
