using System.Globalization;

namespace EventSourcing;

/// <summary>What the handler of a reactor is given besides its event or message. For one handling, and one thread at a time.</summary>
public sealed class ReactorContext
{
    private readonly string reactor;
    private readonly Guid cause;
    private readonly EventSerializer serializer;
    private readonly ICommandDispatcher? commands;
    private readonly TimeProvider time;

    // By key; null for one that is cancelled. The last word on a key is the one that is kept.
    private readonly Dictionary<string, ScheduledMessage?> changes = new(StringComparer.Ordinal);
    private int commandsSent;
    private int messagesScheduled;

    internal ReactorContext(
        string reactor,
        EventEnvelope envelope,
        Guid cause,
        EventSerializer serializer,
        ICommandDispatcher? commands,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        this.reactor = reactor;
        this.cause = cause;
        this.serializer = serializer;
        this.commands = commands;
        this.time = time;
        Envelope = envelope;
        CancellationToken = cancellationToken;
        IdempotencyKey = $"{reactor}/{cause}";
        IdempotencyId = NamedId.Of(IdempotencyKey);
    }

    /// <summary>The event with its place and metadata; for a message, the event that scheduled it.</summary>
    public EventEnvelope Envelope { get; }

    /// <summary>Names this effect: the reactor's name, '/', and the id of the event or message. The same each time that it is tried, and
    /// no other effect's: hand it to what you call, so that a repetition is recognised there.</summary>
    public string IdempotencyKey { get; }

    /// <summary>The same as an id, for receivers that take one.</summary>
    public Guid IdempotencyId { get; }

    /// <summary>Cancelled when the process ends, or no longer has the right to run the reactor.</summary>
    public CancellationToken CancellationToken { get; }

    /// <summary>
    /// Sends a command. Its id is the same each time that this handler sends its first, second … command for this event; its
    /// correlation is the event's, and its cause is the event; for a message, the event that scheduled it, which the log holds.
    /// </summary>
    /// <typeparam name="TCommand">The command.</typeparam>
    /// <param name="command">The command.</param>
    /// <returns>What the command came to.</returns>
    /// <exception cref="InvalidOperationException">No handler is registered for it, or the runner was made without a dispatcher.</exception>
    public Task<CommandResult> SendAsync<TCommand>(TCommand command)
        where TCommand : notnull
    {
        ArgumentNullException.ThrowIfNull(command);
        if (commands is null)
        {
            throw new InvalidOperationException("The runner of reactors was made without a command dispatcher.");
        }

        var context = new CommandContext
        {
            CommandId = NamedId.Of(Numbered("command", ++commandsSent)).ToString(),
            IsRepeatable = true,
            CorrelationId = Envelope.Metadata.CorrelationId ?? Envelope.Id.ToString(),
            CausationId = Envelope.Id.ToString(),
        };
        return commands.DispatchAsync(command, context, CancellationToken);
    }

    /// <summary>Schedules a message to this reactor, to come after a time. It is stored when the handler has completed, with the receipt.</summary>
    /// <param name="message">The message, of a registered class that the reactor declares with <c>OnMessage</c>.</param>
    /// <param name="delay">How long from now; zero or more.</param>
    /// <param name="key">Names the message within the reactor, at most 200 characters: a later one of the same key replaces it. By default it
    /// has a name of its own.</param>
    /// <exception cref="InvalidOperationException">The message's class is not registered.</exception>
    /// <exception cref="EventSerializationException">The message cannot be written as JSON.</exception>
    public void Schedule(object message, TimeSpan delay, string? key = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(delay, TimeSpan.Zero);
        Schedule(message, time.GetUtcNow() + delay, key);
    }

    /// <summary>Schedules a message to this reactor, to come at a time. It is stored when the handler has completed, with the receipt.</summary>
    /// <param name="message">The message, of a registered class that the reactor declares with <c>OnMessage</c>.</param>
    /// <param name="at">When; at once where that is past.</param>
    /// <param name="key">Names the message within the reactor, at most 200 characters: a later one of the same key replaces it. By default it
    /// has a name of its own.</param>
    /// <exception cref="InvalidOperationException">The message's class is not registered.</exception>
    /// <exception cref="EventSerializationException">The message cannot be written as JSON.</exception>
    public void Schedule(object message, DateTimeOffset at, string? key = null)
    {
        ArgumentNullException.ThrowIfNull(message);
        ThrowIfUnfit(key);
        var written = serializer.Serialize(message, id: NamedId.Of(Numbered("message", ++messagesScheduled)));
        key ??= written.Id.ToString();
        changes[key] = new ScheduledMessage
        {
            Reactor = reactor,
            Id = written.Id,
            Key = key,
            Stream = Envelope.Stream,
            Version = Envelope.Version,
            Position = Envelope.Position,
            Type = written.Type,
            Data = written.Data,
            DueAt = at,
        };
    }

    /// <summary>Cancels the message of a key, if there is one that has not been delivered.</summary>
    /// <param name="key">The key that it was scheduled under, by this handler or an earlier one.</param>
    public void Cancel(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        ThrowIfUnfit(key);
        changes[key] = null;
    }

    /// <summary>What is to be stored, with what an earlier part of the same event has left to be.</summary>
    internal ReactorOutcome Outcome(ReactorOutcome earlier) => earlier with
    {
        // In one order for all: two transactions that change the same keys do not wait for each other crosswise.
        Scheduled = [.. earlier.Scheduled.Where(message => !changes.ContainsKey(message.Key))
            .Concat(changes.Values.OfType<ScheduledMessage>()).OrderBy(message => message.Key, StringComparer.Ordinal)],
        Cancelled = [.. earlier.Cancelled.Where(key => !changes.ContainsKey(key))
            .Concat(changes.Where(change => change.Value is null).Select(change => change.Key)).Order(StringComparer.Ordinal)],
    };

    private static void ThrowIfUnfit(string? key)
    {
        if (key is not null)
        {
            StoredText.ThrowIfUnfit(key, CheckpointName.MaxLength, "The key of a message", nameof(key));
        }
    }

    private string Numbered(string what, int number) =>
        string.Create(CultureInfo.InvariantCulture, $"{IdempotencyKey}/{what}/{number}");
}
