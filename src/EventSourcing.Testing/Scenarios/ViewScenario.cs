using System.Text.Json;

namespace EventSourcing.Testing;

/// <summary>Events in, views out. Each call gives another scenario; this one stays as it is.</summary>
/// <typeparam name="TView">The projection's view.</typeparam>
public sealed class ViewScenario<TView>
    where TView : class
{
    private readonly ViewProjection<TView> projection;
    private readonly EventSerializer? serializer;
    private readonly History history;

    internal ViewScenario(ViewProjection<TView> projection, EventSerializer? serializer, History history)
    {
        this.projection = projection;
        this.serializer = serializer;
        this.history = history;
    }

    /// <summary>Adds events to what has happened.</summary>
    /// <param name="stream">The stream that holds them.</param>
    /// <param name="events">The events in order.</param>
    public ViewScenario<TView> Given(StreamName stream, params IReadOnlyList<object> events) => new(projection, serializer, history.Given(stream, events));

    /// <summary>Says when the events that follow are recorded; the start of the year 2000 by default.</summary>
    /// <param name="time">The time; not before that of events given so far.</param>
    /// <exception cref="ArgumentOutOfRangeException">Events of a later time are given already.</exception>
    public ViewScenario<TView> At(DateTimeOffset time) => new(projection, serializer, history.At(time));

    /// <summary>Says what metadata the events that follow have; none by default.</summary>
    /// <param name="metadata">The metadata.</param>
    public ViewScenario<TView> With(EventMetadata metadata) => new(projection, serializer, history.With(metadata));

    /// <summary>A key has this view, as JSON.</summary>
    /// <param name="key">The key.</param>
    /// <param name="expected">The view.</param>
    /// <returns>This scenario, for further keys.</returns>
    /// <exception cref="ScenarioFailedException">It has another one or none, or a view does not survive being kept as JSON.</exception>
    /// <exception cref="EventHandlingException">A handler failed.</exception>
    public ViewScenario<TView> Then(string key, TView expected)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(expected);
        var views = Fold();
        if (!views.TryGetValue(key, out var actual))
        {
            throw new ScenarioFailedException(Difference.Describe(Title(key, expected), $"no view of '{key}'; {KeysOf(views)}"));
        }

        return Difference.Between(Shown.Of(expected), Shown.Of(actual)) is { } difference
            ? throw new ScenarioFailedException($"The view of '{key}':{Environment.NewLine}{difference}")
            : this;
    }

    /// <summary>A key has no view: it never had one, or not any more.</summary>
    /// <param name="key">The key.</param>
    /// <returns>This scenario, for further keys.</returns>
    /// <exception cref="ScenarioFailedException">It has one, or a view does not survive being kept as JSON.</exception>
    /// <exception cref="EventHandlingException">A handler failed.</exception>
    public ViewScenario<TView> ThenNone(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return Fold().TryGetValue(key, out var actual)
            ? throw new ScenarioFailedException(Difference.Describe($"no view of '{key}'", Title(key, actual)))
            : this;
    }

    private static string Title(string key, TView view) =>
        $"'{key}': {string.Join(Environment.NewLine, Shown.Of(view).Lines())}";

    private static string KeysOf(Dictionary<string, TView> views) =>
        views.Count == 0 ? "there is none at all" : $"there are {string.Join(", ", views.Keys.Order(StringComparer.Ordinal).Select(key => $"'{key}'"))}";

    private Dictionary<string, TView> Fold()
    {
        var views = new Dictionary<string, TView>(StringComparer.Ordinal);
        var filter = new EventFilter { Categories = projection.Categories };
        history.Write(serializer, [], (log, envelopes) =>
        {
            foreach (var envelope in envelopes.Where(envelope => filter.Matches(envelope.Stream, envelope.Recorded.Type, envelope.Recorded.Tags)))
            {
                foreach (var key in projection.KeysOf(envelope))
                {
                    if (projection.Fold(views.GetValueOrDefault(key), key, envelope) is { } view)
                    {
                        views[key] = Kept(view, key, envelope, log.Serializer);
                    }
                    else
                    {
                        views.Remove(key);
                    }
                }
            }
        });
        return views;
    }

    /// <summary>As it comes back from where it is kept.</summary>
    private static TView Kept(TView view, string key, EventEnvelope envelope, EventSerializer serializer)
    {
        TView kept;
        try
        {
            kept = serializer.DeserializeView<TView>(serializer.SerializeView(view));
        }
        catch (Exception unfit) when (unfit is JsonException or NotSupportedException or InvalidOperationException)
        {
            throw new ScenarioFailedException(
                $"The view of '{key}' after {envelope.Event.GetType().Name} cannot be kept as JSON: {unfit.Message}", unfit);
        }

        return Difference.Between(Shown.Of(view), Shown.Of(kept)) is { } difference
            ? throw new ScenarioFailedException(
                $"The view of '{key}' after {envelope.Event.GetType().Name} is another one when it is read from JSON again.{Environment.NewLine}{difference}")
            : kept;
    }
}
