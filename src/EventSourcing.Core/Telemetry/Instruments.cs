using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace EventSourcing;

/// <summary>The activity source and the instruments of the library; those of the consumers stand in <see cref="ConsumerMetrics"/>.</summary>
internal static class Instruments
{
    /// <summary>From half a millisecond, a local commit, to ten seconds: the default boundaries begin where an append has long ended.</summary>
    public static readonly InstrumentAdvice<double> Seconds = new()
    {
        HistogramBucketBoundaries = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    };

    public static readonly Meter Meter = new(EventSourcingTelemetry.MeterName, Version);

    public static readonly ActivitySource Activities = new(EventSourcingTelemetry.ActivitySourceName, Version);

    public static readonly Histogram<double> AppendDuration = Meter.CreateHistogram(
        "eventsourcing.append.duration", "s", "How long appends took, until they were durable or refused.", tags: null, Seconds);

    public static readonly Counter<long> AppendedEvents = Meter.CreateCounter<long>(
        "eventsourcing.append.events", "{event}", "Events stored.");

    public static readonly Counter<long> Conflicts = Meter.CreateCounter<long>(
        "eventsourcing.append.conflicts", "{conflict}", "Appends refused because a stream was not at the expected version.");

    public static readonly Histogram<double> CommandDuration = Meter.CreateHistogram(
        "eventsourcing.command.duration", "s", "How long the handlers of dispatched commands took.", tags: null, Seconds);

    public static readonly Histogram<double> ExecuteDuration = Meter.CreateHistogram(
        "eventsourcing.execute.duration", "s", "How long it took to load, decide and append, all attempts together.", tags: null, Seconds);

    public static readonly Counter<long> ExecuteRetries = Meter.CreateCounter<long>(
        "eventsourcing.execute.retries", "{retry}", "Decisions taken again after a conflict.");

    public static readonly Histogram<double> LoadDuration = Meter.CreateHistogram(
        "eventsourcing.load.duration", "s", "How long it took to read a stream from the store and fold it.", tags: null, Seconds);

    public static readonly Histogram<long> LoadEvents = Meter.CreateHistogram(
        "eventsourcing.load.events",
        "{event}",
        "Events folded by one read of a stream; many are a sign that snapshots would help.",
        tags: null,
        new InstrumentAdvice<long> { HistogramBucketBoundaries = [0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000] });

    public static readonly Counter<long> LogEvents = Meter.CreateCounter<long>(
        "eventsourcing.log.events", "{event}", "Events read from the log for subscriptions and projections.");

    private static string Version => typeof(Instruments).Assembly.GetName().Version!.ToString(3);

    public static KeyValuePair<string, object?> Tag(string name, object? value) => new(name, value);
}
