using System.Diagnostics.Metrics;

namespace EventSourcing.PostgreSql;

/// <summary>How appends share statements; what every append costs its caller is measured the same for all stores, by Core.</summary>
/// <param name="schema">Tells the stores of one process from one another.</param>
internal sealed class AppendMetrics(SchemaName schema)
{
    public static readonly Meter Meter = new(
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

    private readonly KeyValuePair<string, object?> tag = new("schema", schema.Name);

    public void Sent(int appends) => Size.Record(appends, tag);

    public void RanAgain() => RunAgain.Add(1, tag);
}
