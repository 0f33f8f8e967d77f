using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;

namespace EventSourcing.PostgreSql;

/// <summary>Keeps all that leaves the process for an operator's eyes: every log of every category with its values, scopes and
/// exceptions, every activity with its tags and events, every tag of every measurement.</summary>
internal sealed class LeakWatch : ILoggerFactory, ILoggerProvider, ILogger
{
    private readonly ConcurrentQueue<string> texts = new();
    private readonly ActivityListener tracer;
    private readonly MeterListener meters = new();

    public LeakWatch()
    {
        tracer = new ActivityListener
        {
            ShouldListenTo = source => source.Name is EventSourcingTelemetry.ActivitySourceName or "Npgsql",
            Sample = (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = Keep,
        };
        ActivitySource.AddActivityListener(tracer);
        meters.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name is EventSourcingTelemetry.MeterName or "Npgsql")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        meters.SetMeasurementEventCallback<int>((instrument, _, tags, _) => Keep(instrument, tags));
        meters.SetMeasurementEventCallback<long>((instrument, _, tags, _) => Keep(instrument, tags));
        meters.SetMeasurementEventCallback<double>((instrument, _, tags, _) => Keep(instrument, tags));
        meters.Start();
    }

    public IReadOnlyCollection<string> Texts
    {
        get
        {
            meters.RecordObservableInstruments();
            return texts;
        }
    }

    /// <summary>What holds any of these.</summary>
    public IEnumerable<string> Holding(params string[] secrets) =>
        Texts.Where(text => secrets.Any(secret => text.Contains(secret, StringComparison.OrdinalIgnoreCase)));

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public bool IsEnabled(LogLevel logLevel) => true;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull
    {
        texts.Enqueue($"scope {state} {Values(state)}");
        return null;
    }

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        texts.Enqueue($"log {eventId.Name}: {formatter(state, exception)} {Values(state)} {exception} {exception?.Data.Count}");

    public void Dispose()
    {
        tracer.Dispose();
        meters.Dispose();
    }

    private static string Values(object? state) =>
        state is IEnumerable<KeyValuePair<string, object?>> values ? string.Join(", ", values.Select(value => $"{value.Key}={value.Value}")) : string.Empty;

    private void Keep(Activity activity) => texts.Enqueue(
        $"activity {activity.DisplayName} {activity.StatusDescription} {Values(activity.TagObjects)} {string.Join(", ", activity.Baggage)} "
        + string.Join("; ", activity.Events.Select(one => $"{one.Name} {Values(one.Tags)}")));

    private void Keep(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> tags) => texts.Enqueue($"metric {instrument.Name} {Values(tags.ToArray())}");
}
