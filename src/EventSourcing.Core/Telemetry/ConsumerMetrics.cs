using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace EventSourcing;

/// <summary>The figures of one consumer of the log: a subscription, a projection or a reactor. Its gauges end with its disposal.</summary>
/// <remarks>
/// For one loop: the members that tell of progress are called by one caller at a time. All may be called on every event: without a
/// listener they write a field or two and allocate nothing.
/// </remarks>
internal sealed class ConsumerMetrics : IDisposable
{
    public const string Subscription = "subscription";
    public const string Projection = "projection";
    public const string Reactor = "reactor";
    public const string Translator = "translator";
    public const string Relay = "relay";

    private static readonly ConcurrentDictionary<ConsumerMetrics, byte> Running = new();

    private static readonly Counter<long> Events = Instruments.Meter.CreateCounter<long>(
        "eventsourcing.consumer.events", "{event}", "Events handled.");

    private static readonly Histogram<double> Duration = Instruments.Meter.CreateHistogram(
        "eventsourcing.consumer.duration", "s", "How long a page of a projection, or an event or message of a reactor, took.", tags: null, Instruments.Seconds);

    private static readonly Counter<long> Retries = Instruments.Meter.CreateCounter<long>(
        "eventsourcing.consumer.retries", "{retry}", "Pages or events handled again after a failure.");

    private static readonly Counter<long> DeadLetters = Instruments.Meter.CreateCounter<long>(
        "eventsourcing.consumer.dead_letters", "{event}", "Events parked because handling them kept failing.");

    private static readonly ObservableGauge<double> ParkedAge;

    private readonly KeyValuePair<string, object?>[] tags;
    private readonly TimeProvider time;
    private long position;

    // Ticks in UTC; 0 where there is nothing to wait for. Single writes, so that a gauge never reads half a value.
    private long waitingSince;
    private long parkedSince;

    static ConsumerMetrics()
    {
        Instruments.Meter.CreateObservableGauge(
            "eventsourcing.consumer.position",
            () => Observe(each => Volatile.Read(ref each.position)),
            "{position}",
            "Up to which position of the log the consumer has come.");
        Instruments.Meter.CreateObservableGauge(
            "eventsourcing.consumer.lag",
            () => Observe(each => each.Age(ref each.waitingSince)),
            "s",
            "How long ago the event was recorded that the consumer is at; 0 when it has caught up.");
        ParkedAge = Instruments.Meter.CreateObservableGauge(
            "eventsourcing.consumer.parked.age",
            () => Observe(each => each.Age(ref each.parkedSince)),
            "s",
            "How long the oldest parked event has been waiting for a decision; 0 where there is none.");
    }

    /// <summary>Begins the figures of a consumer.</summary>
    /// <param name="name">Its name; without one it is counted, and has no gauges, which could not be told apart.</param>
    /// <param name="kind">One of the constants.</param>
    /// <param name="time">The clock for durations and ages.</param>
    /// <param name="tenant">Whose it is, where a process has several of its name; else null.</param>
    public ConsumerMetrics(string? name, string kind, TimeProvider time, TenantName? tenant = null)
    {
        var (consumer, ofKind) = (Instruments.Tag("consumer", name ?? "(unnamed)"), Instruments.Tag("kind", kind));
        tags = tenant is { } owner ? [consumer, ofKind, Instruments.Tag("tenant", owner.Value)] : [consumer, ofKind];
        this.time = time;
        if (name is not null)
        {
            Running.TryAdd(this, 0);
        }
    }

    /// <summary>Whether anybody listens to how long parked events wait; otherwise there is no use in looking.</summary>
    public static bool IsParkedAgeWatched => ParkedAge.Enabled;

    /// <summary>The figures of one shard of a projection or reactor. What is built beside what serves is told apart by its name.</summary>
    public static ConsumerMetrics Of(ConsumerLease lease, string kind, TimeProvider time, TenantName? tenant = null) =>
        new(lease.Role == ConsumerRole.Building ? $"{lease.Key} (building)" : lease.Key.ToString(), kind, time, tenant);

    /// <summary>The beginning of a page or an event, for <see cref="Handled"/> or <see cref="Failed"/>; 0 where nobody listens.</summary>
    public long Begin() => Duration.Enabled ? time.GetTimestamp() : 0;

    /// <summary>A page or an event was handled.</summary>
    public void Handled(int events, long begun)
    {
        Count(events);
        Timed(begun);
    }

    /// <summary>What is no event of the log, and not counted as one, was handled: a message that was due.</summary>
    public void Timed(long begun) => Measure(begun, "ok");

    /// <summary>A page or an event was not handled; nothing of it counts.</summary>
    public void Failed(long begun) => Measure(begun, "failed");

    /// <summary>Events were handled that are not timed.</summary>
    public void Count(int events) => Events.Add(events, tags);

    /// <summary>What failed is tried again.</summary>
    public void Retried() => Retries.Add(1, tags);

    /// <summary>An event was parked.</summary>
    public void DeadLettered() => DeadLetters.Add(1, tags);

    /// <summary>The oldest event that is parked; null where none is.</summary>
    public void ParkedSince(DateTimeOffset? oldest) => Volatile.Write(ref parkedSince, oldest?.UtcTicks ?? 0);

    /// <summary>The consumer is at an event, and has not passed it.</summary>
    public void At(RecordedEvent recorded) => Volatile.Write(ref waitingSince, recorded.RecordedAt.UtcTicks);

    /// <summary>The consumer has passed a position.</summary>
    /// <param name="passed">The position.</param>
    /// <param name="isEnd">Whether the log ended there: then there is no lag, whatever time goes by until the next event.</param>
    public void Passed(LogPosition passed, bool isEnd)
    {
        Volatile.Write(ref position, passed.Value);
        if (isEnd)
        {
            Volatile.Write(ref waitingSince, 0);
        }
    }

    public void Dispose() => Running.TryRemove(this, out _);

    private static IEnumerable<Measurement<T>> Observe<T>(Func<ConsumerMetrics, T> value)
        where T : struct
    {
        foreach (var (each, _) in Running)
        {
            yield return new Measurement<T>(value(each), each.tags);
        }
    }

    // The store's clock and this one may differ a little: what was recorded just now is not younger than nothing.
    private double Age(ref long since) => Volatile.Read(ref since) is > 0 and var ticks
        ? Math.Max(0, TimeSpan.FromTicks(time.GetUtcNow().UtcTicks - ticks).TotalSeconds)
        : 0;

    private void Measure(long begun, string outcome)
    {
        if (begun != 0)
        {
            Duration.Record(time.GetElapsedTime(begun).TotalSeconds, new TagList(tags) { Instruments.Tag("outcome", outcome) });
        }
    }
}
