namespace EventSourcing.Testing;

/// <summary>Events in, public messages out. Each call gives another scenario; this one stays as it is.</summary>
public sealed class TranslatorScenario
{
    private readonly MessageTranslator translator;
    private readonly EventSerializer? serializer;
    private readonly History history;

    internal TranslatorScenario(MessageTranslator translator, EventSerializer? serializer, History history)
    {
        this.translator = translator;
        this.serializer = serializer;
        this.history = history;
    }

    /// <summary>Adds events to what has happened.</summary>
    /// <param name="stream">The stream that holds them.</param>
    /// <param name="events">The events in order.</param>
    public TranslatorScenario Given(StreamName stream, params IReadOnlyList<object> events) => new(translator, serializer, history.Given(stream, events));

    /// <summary>Says when the events that follow are recorded; the start of the year 2000 by default.</summary>
    /// <param name="time">The time; not before that of events given so far.</param>
    /// <exception cref="ArgumentOutOfRangeException">Events of a later time are given already.</exception>
    public TranslatorScenario At(DateTimeOffset time) => new(translator, serializer, history.At(time));

    /// <summary>Says what metadata the events that follow have; none by default.</summary>
    /// <param name="metadata">The metadata.</param>
    public TranslatorScenario With(EventMetadata metadata) => new(translator, serializer, history.With(metadata));

    /// <summary>Exactly these messages are told, in this order.</summary>
    /// <param name="expected">The messages, made with <see cref="Effect.Published"/>; at least one.</param>
    /// <exception cref="ScenarioFailedException">Something else is told; shows both as JSON.</exception>
    /// <exception cref="EventHandlingException">A handler failed.</exception>
    /// <exception cref="ArgumentException">No message is given; say <see cref="ThenNothing"/>.</exception>
    public void Then(params IReadOnlyList<Effect> expected)
    {
        ArgumentNullException.ThrowIfNull(expected);
        if (expected.Count == 0)
        {
            throw new ArgumentException("To expect no message, say ThenNothing().", nameof(expected));
        }

        Compare(expected);
    }

    /// <summary>Nothing is told.</summary>
    /// <exception cref="ScenarioFailedException">Something is told.</exception>
    /// <exception cref="EventHandlingException">A handler failed.</exception>
    public void ThenNothing() => Compare([]);

    private void Compare(IReadOnlyList<Effect> expected)
    {
        var actual = new List<Effect>();
        var filter = new EventFilter { Categories = translator.Categories };
        history.Write(serializer, [], (_, envelopes) => actual.AddRange(envelopes
            .Where(envelope => filter.Matches(envelope.Stream, envelope.Recorded.Type, envelope.Recorded.Tags))
            .SelectMany(translator.Translate)
            .Select(PublishedEffect.Of)));
        if (Difference.Between(Effect.Show(expected, actual, translator.Bodies), Effect.Show(actual, expected)) is { } difference)
        {
            throw new ScenarioFailedException(difference);
        }
    }
}
