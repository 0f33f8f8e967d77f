using System.Runtime.ExceptionServices;

namespace EventSourcing.Testing;

/// <summary>One run of a reactor: handles what happens, keeps its messages, and delivers them when the clock has come so far.</summary>
internal sealed class ReactorRun
{
    private const int MostAtOnce = 10_000;

    private readonly Reactor reactor;
    private readonly CommandLedger commands;
    private readonly Dictionary<string, ScheduledMessage> waiting = new(StringComparer.Ordinal);
    private readonly ScenarioLog log;
    private readonly EventFilter filter;
    private ReactorEffects? effects;

    public ReactorRun(Reactor reactor, ICommandDispatcher? answers, EventSerializer? serializer, History history)
    {
        this.reactor = reactor;
        commands = new CommandLedger(answers);
        filter = new EventFilter { Categories = reactor.Categories };
        log = history.Write(serializer, reactor.Messages.EventTypes, (log, envelopes) => Given(log, envelopes));
        Surface(PassTo(history.Now));
    }

    /// <summary>Lets an event happen.</summary>
    public Handling Happen(StreamName stream, object @event, EventMetadata metadata)
    {
        var envelopes = log.Append(stream, @event, metadata);
        return filter.Matches(stream, envelopes.Count > 0 ? envelopes[0].Recorded.Type : string.Empty, envelopes.Count > 0 ? envelopes[0].Recorded.Tags : [])
            ? Handle(log, envelopes)
            : new Handling([], []);
    }

    /// <summary>Lets time pass, and delivers what comes due, in that order.</summary>
    public IReadOnlyList<Handling> PassTo(DateTimeOffset time)
    {
        var handled = new List<Handling>();
        Pass(log, time, handled);
        return handled;
    }

    /// <summary>Handles once more what was handled, as after a crash before its receipt was stored.</summary>
    public Handling Repeat(Handling handled) => handled.Message is { } message ? Handle(log, message) : Handle(log, handled.Events);

    private void Given(ScenarioLog log, IReadOnlyList<EventEnvelope> envelopes)
    {
        // What was due before it happened has come before it.
        var handled = new List<Handling>();
        Pass(log, log.Clock.GetUtcNow(), handled);
        if (envelopes.Count > 0 && filter.Matches(envelopes[0].Stream, envelopes[0].Recorded.Type, envelopes[0].Recorded.Tags))
        {
            handled.Add(Handle(log, envelopes));
        }

        Surface(handled);
    }

    /// <summary>A history that cannot be handled is a mistake in the scenario, not its outcome.</summary>
    private static void Surface(IEnumerable<Handling> handled)
    {
        if (handled.Select(one => one.Failure).FirstOrDefault(failure => failure is not null) is { } failure)
        {
            ExceptionDispatchInfo.Throw(failure);
        }
    }

    private void Pass(ScenarioLog log, DateTimeOffset time, List<Handling> handled)
    {
        while (waiting.Values.Where(message => message.DueAt <= time).MinBy(message => (message.DueAt, message.Position.Value)) is { } due)
        {
            if (handled.Count == MostAtOnce)
            {
                throw new InvalidOperationException($"'{reactor.Name}' does not come to rest: message after message of it is due at once, such as '{due.Type}'.");
            }

            log.Clock.MoveTo(due.DueAt > log.Clock.GetUtcNow() ? due.DueAt : log.Clock.GetUtcNow());
            waiting.Remove(due.Key);
            handled.Add(Handle(log, due));
        }

        log.Clock.MoveTo(time);
    }

    private Handling Handle(ScenarioLog log, IReadOnlyList<EventEnvelope> events)
    {
        if (events.Count == 0)
        {
            return new Handling([], []);
        }

        var recorded = events[0].Recorded;
        var isHandled = events.Any(envelope => reactor.Events.EventTypes.Any(type => type.IsInstanceOfType(envelope.Event)));
        return Of(log, token => Effects(log).HandleAsync(recorded.Id, recorded.Position, events, token)) with
        {
            Events = events,
            Keys = isHandled ? [.. events.Select(envelope => $"{reactor.Name}/{envelope.PartId}")] : [],
        };
    }

    private Handling Handle(ScenarioLog log, ScheduledMessage message) =>
        Of(log, token => Effects(log).HandleAsync(message, token)) with { Message = message, Keys = [$"{reactor.Name}/{message.Id}"] };

    private Handling Of(ScenarioLog log, Func<CancellationToken, Task<ReactorOutcome>> handle)
    {
        try
        {
            commands.TakeSent();
            var now = log.Clock.GetUtcNow();
            var outcome = Wait.For(() => handle(CancellationToken.None));
            foreach (var key in outcome.Cancelled)
            {
                waiting.Remove(key);
            }

            foreach (var message in outcome.Scheduled)
            {
                waiting[message.Key] = message;
            }

            var sent = commands.TakeSent();
            var scheduled = outcome.Scheduled.OrderBy(message => message.DueAt).ToArray();
            return new Handling(
                [
                    .. sent.Select(one => one.Command),
                    .. scheduled.Select(message => Scheduled(log, message, now)),
                    .. outcome.Cancelled.Select(Effect.Cancelled),
                ],
                [.. sent.Select(one => one.Id), .. scheduled.Select(message => message.Id.ToString()), .. outcome.Cancelled]);
        }
        catch (Exception failure)
        {
            // What a handler threw, without what the library has wrapped around it.
            var handling = failure as EventHandlingException ?? failure.InnerException as EventHandlingException;
            return new Handling([], []) { Failure = handling?.InnerException ?? failure };
        }
    }

    private static ScheduledEffect Scheduled(ScenarioLog log, ScheduledMessage message, DateTimeOffset now)
    {
        var read = log.Serializer.Deserialize(new RecordedEvent
        {
            Stream = message.Stream,
            Version = message.Version,
            Position = message.Position,
            Id = message.Id,
            Type = message.Type,
            Data = message.Data,
            Metadata = ReadOnlyMemory<byte>.Empty,
            RecordedAt = now,
        });
        return new ScheduledEffect(read.Event, message.DueAt - now, message.DueAt, message.Key == message.Id.ToString() ? null : message.Key);
    }

    private ReactorEffects Effects(ScenarioLog log) => effects ??= new ReactorEffects(reactor, log.Store, log.Serializer, commands, log.Clock);
}
