namespace EventSourcing;

/// <summary>Runs the handlers of a reactor, and tells what is to be stored of it.</summary>
internal sealed class ReactorEffects(
    Reactor reactor, IEventStore store, EventSerializer serializer, ICommandDispatcher? commands, TimeProvider time)
{
    /// <summary>For how long the trace that wrote an event still grows; what is handled later has one of its own, which is linked.</summary>
    private static readonly TimeSpan LongestTrace = TimeSpan.FromHours(1);

    /// <summary>Handles an event: one after the other, where upcasters make several of it, each with a key of its own.</summary>
    public async Task<ReactorOutcome> HandleAsync(
        Guid id, LogPosition position, IEnumerable<EventEnvelope> events, CancellationToken cancellationToken)
    {
        var outcome = new ReactorOutcome(id, position);
        foreach (var envelope in events)
        {
            var context = Context(envelope, envelope.PartId, cancellationToken);
            await RunAsync(reactor.Events, envelope, context).ConfigureAwait(false);
            outcome = context.Outcome(outcome);
        }

        return outcome;
    }

    /// <summary>Handles a message that is due.</summary>
    public async Task<ReactorOutcome> HandleAsync(ScheduledMessage message, CancellationToken cancellationToken)
    {
        var origin = await OriginAsync(message, cancellationToken).ConfigureAwait(false);
        var recorded = new RecordedEvent
        {
            Stream = message.Stream,
            Version = message.Version,
            Position = message.Position,
            Id = message.Id,
            Type = message.Type,
            Data = message.Data,
            Metadata = origin.Metadata,
            RecordedAt = origin.RecordedAt,
        };
        await serializer.PrepareAsync([origin, recorded], cancellationToken).ConfigureAwait(false);
        var envelope = serializer.DeserializeAll(origin) is [var first, ..]
            ? first
            : throw new InvalidOperationException($"Upcasters make nothing of event '{origin.Type}', which scheduled the message.");
        var context = Context(envelope, message.Id, cancellationToken);
        await RunAsync(reactor.Messages, serializer.Deserialize(recorded), context).ConfigureAwait(false);
        return context.Outcome(new ReactorOutcome(message.Id, message.Position));
    }

    /// <summary>Finds the event of a dead letter.</summary>
    /// <exception cref="InvalidOperationException">The log does not hold it.</exception>
    public Task<IReadOnlyList<EventEnvelope>> FindAsync(DeadLetter letter, CancellationToken cancellationToken) =>
        DeadLetterEvents.FindAsync(store, serializer, letter, cancellationToken);

    private async Task RunAsync(EventHandlers<ReactorContext> handlers, EventEnvelope envelope, ReactorContext context)
    {
        using var activity = TraceContext.StartHandling(envelope, reactor.Name, isReplay: time.GetUtcNow() - envelope.RecordedAt > LongestTrace);
        try
        {
            await handlers.HandleAsync(envelope, context).ConfigureAwait(false);
        }
        catch (Exception failure) when (TraceContext.Failed(activity, failure))
        {
            throw;
        }
        catch (EventHandlingException handling) when (handling.InnerException is EventStoreUnavailableException or AppendOutcomeUnknownException)
        {
            // A command met an outage: not the event's fault, to be waited for.
            throw new EventStoreUnavailableException(handling.Message, handling);
        }
    }

    private ReactorContext Context(EventEnvelope envelope, Guid cause, CancellationToken cancellationToken) =>
        new(reactor.Name, envelope, cause, serializer, commands, time, cancellationToken);

    private async Task<RecordedEvent> OriginAsync(ScheduledMessage message, CancellationToken cancellationToken)
    {
        // By its stream: one that is in the log is found there at once, whatever this process knows of the log's end.
        var options = new StreamReadOptions { From = message.Version, MaxCount = 1 };
        await foreach (var recorded in store.ReadStreamAsync(message.Stream, options, cancellationToken).ConfigureAwait(false))
        {
            return recorded;
        }

        throw new InvalidOperationException($"Stream '{message.Stream}' has no event at version {message.Version}, which scheduled the message.");
    }
}
