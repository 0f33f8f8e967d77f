using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;

namespace EventSourcing.PostgreSql;

/// <summary>Tells for how long the end of the log has been waited for, and, when that is long, for whom. For one caller at a time.</summary>
/// <param name="schema">Tells the stores of one process from one another.</param>
/// <param name="reader">Finds out who it is.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Told once when it lasts, and once when it is over.</param>
internal sealed class TailWait(SchemaName schema, EventReader reader, TimeProvider time, ILogger logger) : IDisposable
{
    /// <summary>How long an append may hold up readers before somebody is told: an ordinary one takes milliseconds.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private static readonly ConcurrentDictionary<TailWait, byte> All = new();

    private readonly KeyValuePair<string, object?> tag = new("schema", schema.Name);
    private LogPosition at;
    private long? since;
    private bool isTold;

    // Ticks; as of the last look, because without one nobody waits. A single write, so that the gauge never reads half a value.
    private long waited;

    static TailWait() => AppendMetrics.Meter.CreateObservableGauge(
        "eventsourcing.log.waiting",
        () => All.Keys.Select(each => new Measurement<double>(TimeSpan.FromTicks(Volatile.Read(ref each.waited)).TotalSeconds, each.tag)),
        "s",
        "How long readers at the end of the log have been waiting for an append that has not ended; 0 where they are not.");

    /// <summary>The end of the log was looked at.</summary>
    /// <param name="final">Where it is.</param>
    /// <param name="isWaiting">Whether an append that has not ended keeps it there.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task LookedAsync(LogPosition final, bool isWaiting, CancellationToken cancellationToken)
    {
        All.TryAdd(this, 0);
        if (!isWaiting || since is not { } begun || final != at)
        {
            (at, since) = (final, isWaiting ? time.GetTimestamp() : null);
            Volatile.Write(ref waited, 0);
            if (isTold)
            {
                isTold = false;
                Log.AppendEnded(logger, schema.Name);
            }

            return;
        }

        var elapsed = time.GetElapsedTime(begun);
        Volatile.Write(ref waited, elapsed.Ticks);
        if (elapsed > Patience && !isTold)
        {
            var open = await reader.ReadOpenAppendsAsync(cancellationToken).ConfigureAwait(false);
            isTold = true;
            Log.AppendAwaited(
                logger, schema.Name, final, elapsed, string.Join("; ", open.Select(append => $"{append.Holder}, since {append.Since:u}")));
        }
    }

    public void Dispose() => All.TryRemove(this, out _);
}
