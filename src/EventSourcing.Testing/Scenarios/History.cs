namespace EventSourcing.Testing;

/// <summary>What a scenario is told to have happened. Each change gives another one; this one stays as it is.</summary>
internal sealed class History
{
    private readonly IReadOnlyList<(StreamName Stream, IReadOnlyList<object> Events, EventMetadata Metadata, DateTimeOffset At)> pasts;
    private readonly EventMetadata metadata;

    private History(
        IReadOnlyList<(StreamName Stream, IReadOnlyList<object> Events, EventMetadata Metadata, DateTimeOffset At)> pasts,
        DateTimeOffset now,
        EventMetadata metadata)
    {
        this.pasts = pasts;
        this.metadata = metadata;
        Now = now;
    }

    public static History Empty { get; } = new([], new TestClock().GetUtcNow(), EventMetadata.None);

    /// <summary>When what is told next has happened.</summary>
    public DateTimeOffset Now { get; }

    public History Given(StreamName stream, IReadOnlyList<object> events)
    {
        _ = stream.Value;
        ArgumentNullException.ThrowIfNull(events);
        foreach (var @event in events)
        {
            ArgumentNullException.ThrowIfNull(@event, nameof(events));
        }

        return new History([.. pasts, (stream, events, metadata, Now)], Now, metadata);
    }

    public History At(DateTimeOffset time)
    {
        if (time < Now && pasts.Count > 0)
        {
            throw new ArgumentOutOfRangeException(nameof(time), time, $"Time does not run backwards: it was {Now:O} already.");
        }

        return new History(pasts, time, metadata);
    }

    public History With(EventMetadata metadata)
    {
        ArgumentNullException.ThrowIfNull(metadata);
        return new History(pasts, Now, metadata);
    }

    /// <summary>Writes it into a log of its own, and hands each part to somebody as soon as it has happened.</summary>
    public ScenarioLog Write(EventSerializer? serializer, IEnumerable<Type> otherTypes, Action<ScenarioLog, IReadOnlyList<EventEnvelope>>? happened = null)
    {
        var log = new ScenarioLog(serializer, otherTypes, pasts.Count > 0 ? pasts[0].At : Now);
        foreach (var (stream, events, with, at) in pasts)
        {
            log.Clock.MoveTo(at);
            foreach (var @event in events)
            {
                var envelopes = log.Append(stream, @event, with);
                happened?.Invoke(log, envelopes);
            }
        }

        return log;
    }
}
