using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace EventSourcing;

/// <summary>
/// What waits in the outbox, as gauges: in every process that could relay, whether or not it does, so that they are there when the
/// relay is not. Looked at every few seconds while somebody listens; the age grows in between.
/// </summary>
internal sealed class OutboxGauge : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);
    private static readonly ConcurrentDictionary<OutboxGauge, byte> Running = new();
    private static readonly ObservableGauge<long> Waiting;

    private readonly IOutbox outbox;
    private readonly TimeProvider time;
    private readonly KeyValuePair<string, object?>[] tags;
    private Look? latest;

    static OutboxGauge()
    {
        Waiting = Instruments.Meter.CreateObservableGauge(
            "eventsourcing.outbox.messages",
            () => Observe((_, look) => look.Backlog.Waiting),
            "{message}",
            "Public messages that wait for the broker.");
        Instruments.Meter.CreateObservableGauge(
            "eventsourcing.outbox.age",
            () => Observe((gauge, look) => look.Backlog.Waiting == 0 ? 0 : (look.Backlog.Age + gauge.time.GetElapsedTime(look.At)).TotalSeconds),
            "s",
            "How long the oldest of them has been waiting; 0 where none waits.");
        Instruments.Meter.CreateObservableGauge(
            "eventsourcing.outbox.parked",
            () => Observe((_, look) => look.Backlog.Parked),
            "{message}",
            "Public messages that the broker refuses, and that wait for a decision.");
    }

    public OutboxGauge(IOutbox outbox, TimeProvider time, TenantName? tenant = null)
    {
        tags = tenant is { } owner ? [Instruments.Tag("tenant", owner.Value)] : [];
        this.outbox = outbox;
        this.time = time;
        Running.TryAdd(this, 0);
    }

    public async Task WatchAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            if (Waiting.Enabled)
            {
                try
                {
                    Volatile.Write(ref latest, new Look(await outbox.ReadBacklogAsync(cancellationToken).ConfigureAwait(false), time.GetTimestamp()));
                }
                catch (Exception failure) when (failure is EventStoreUnavailableException or OperationCanceledException)
                {
                    // What was seen last stands; its age goes on growing.
                }
            }

            await Task.Delay(Pause, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public void Dispose() => Running.TryRemove(this, out _);

    private static IEnumerable<Measurement<T>> Observe<T>(Func<OutboxGauge, Look, T> value)
        where T : struct
    {
        foreach (var (gauge, _) in Running)
        {
            if (Volatile.Read(ref gauge.latest) is { } look)
            {
                yield return new Measurement<T>(value(gauge, look), gauge.tags);
            }
        }
    }

    private sealed record Look(OutboxBacklog Backlog, long At);
}
