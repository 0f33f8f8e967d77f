using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace EventSourcing.TestInfrastructure;

/// <summary>Listens to the library as an exporter would. Others in the process are heard too: ask by names of your own.</summary>
internal sealed class TelemetryWatch : IDisposable
{
    private readonly ConcurrentQueue<Reading> readings = new();
    private readonly ConcurrentQueue<Activity> activities = new();
    private readonly MeterListener meters = new();
    private readonly ActivityListener? tracer;

    /// <summary>Begins to listen.</summary>
    /// <param name="isTracing">Whether to activities, too.</param>
    public TelemetryWatch(bool isTracing = true)
    {
        meters.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == EventSourcingTelemetry.MeterName)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        meters.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Add(instrument, value, tags));
        meters.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        meters.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        meters.Start();
        if (isTracing)
        {
            tracer = new ActivityListener
            {
                ShouldListenTo = source => source.Name == EventSourcingTelemetry.ActivitySourceName,
                Sample = (ref _) => ActivitySamplingResult.AllDataAndRecorded,
                ActivityStopped = activities.Enqueue,
            };
            ActivitySource.AddActivityListener(tracer);
        }
    }

    /// <summary>The values of an instrument that carry these tags, written as <c>name=value</c>.</summary>
    public List<double> Of(string instrument, params string[] tags) =>
        [.. readings.Where(reading => reading.Instrument == instrument && tags.All(reading.Tags.Contains)).Select(reading => reading.Value)];

    /// <summary>What the gauge of that name says now to these tags; none where it is not shown.</summary>
    public List<double> Gauge(string instrument, params string[] tags)
    {
        var before = readings.Count;
        meters.RecordObservableInstruments();
        return [.. readings.Skip(before).Where(reading => reading.Instrument == instrument && tags.All(reading.Tags.Contains)).Select(reading => reading.Value)];
    }

    /// <summary>The ended activities of that name whose tag has that value.</summary>
    public List<Activity> Activities(string name, string tag, object value) =>
        [.. activities.Where(activity => activity.OperationName == name && Equals(activity.GetTagItem(tag), value))];

    public void Dispose()
    {
        meters.Dispose();
        tracer?.Dispose();
    }

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var texts = new List<string>();
        foreach (var (name, tag) in tags)
        {
            texts.Add($"{name}={tag}");
        }

        readings.Enqueue(new Reading(instrument.Name, value, texts));
    }

    private sealed record Reading(string Instrument, double Value, List<string> Tags);
}
