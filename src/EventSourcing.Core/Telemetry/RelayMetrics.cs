using System.Diagnostics.Metrics;

namespace EventSourcing;

/// <summary>The figures of the relay of public messages; what waits is in <see cref="OutboxGauge"/>.</summary>
internal static class RelayMetrics
{
    private static readonly Counter<long> Published = Instruments.Meter.CreateCounter<long>(
        "eventsourcing.messages.published", "{message}", "Public messages that the broker has taken responsibility for.");

    private static readonly Counter<long> Retries = Instruments.Meter.CreateCounter<long>(
        "eventsourcing.messages.retries", "{retry}", "Batches of public messages published again after a failure.");

    private static readonly Histogram<double> Duration = Instruments.Meter.CreateHistogram(
        "eventsourcing.messages.publish.duration", "s", "How long the broker took to confirm a batch.", tags: null, Instruments.Seconds);

    /// <summary>The beginning of a batch, for <see cref="Measure"/>; 0 where nobody listens.</summary>
    public static long Begin(TimeProvider time) => Duration.Enabled ? time.GetTimestamp() : 0;

    /// <summary>A batch has ended.</summary>
    /// <param name="begun">When it began.</param>
    /// <param name="time">The clock.</param>
    /// <param name="published">How many messages were published; 0 where it failed.</param>
    public static void Measure(long begun, TimeProvider time, int published)
    {
        if (published > 0)
        {
            Published.Add(published);
        }

        if (begun != 0)
        {
            Duration.Record(time.GetElapsedTime(begun).TotalSeconds, Instruments.Tag("outcome", published > 0 ? "ok" : "failed"));
        }
    }

    /// <summary>What failed is published again.</summary>
    public static void Retried() => Retries.Add(1);
}
