using System.Diagnostics.Metrics;

namespace EventSourcing.PostgreSql;

/// <summary>How appends share statements; what every append costs its caller is measured the same for all stores, by Core.</summary>
internal static class AppendMetrics
{
    private static readonly Meter Meter = new(
        EventSourcingTelemetry.MeterName, typeof(AppendMetrics).Assembly.GetName().Version!.ToString(3));

    private static readonly Histogram<int> Size = Meter.CreateHistogram(
        "eventsourcing.append.batch.size",
        "{append}",
        "Appends to one stream that went to the server in one statement; 1 where one went alone.",
        tags: null,
        new InstrumentAdvice<int> { HistogramBucketBoundaries = [1, 2, 4, 8, 16, 32, 64, 128, 256] });

    private static readonly Counter<int> RunAgain = Meter.CreateCounter<int>(
        "eventsourcing.append.batch.fallbacks",
        "{append}",
        "Appends that were run again alone, because their batch did not store them or failed.");

    public static void Sent(int appends) => Size.Record(appends);

    public static void Fallback() => RunAgain.Add(1);
}
