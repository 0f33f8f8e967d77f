namespace EventSourcing.Testing;

/// <summary>Events in, read model out, of a projection that keeps its read model in itself. One object is for one scenario.</summary>
/// <typeparam name="TProjection">The projection.</typeparam>
public sealed class ProjectionScenario<TProjection>
    where TProjection : Projection
{
    private readonly TProjection projection;
    private readonly EventSerializer? serializer;
    private readonly History history;
    private bool isApplied;

    internal ProjectionScenario(TProjection projection, EventSerializer? serializer, History history)
    {
        this.projection = projection;
        this.serializer = serializer;
        this.history = history;
    }

    /// <summary>Adds events to what has happened.</summary>
    /// <param name="stream">The stream that holds them.</param>
    /// <param name="events">The events in order.</param>
    public ProjectionScenario<TProjection> Given(StreamName stream, params IReadOnlyList<object> events) =>
        new(projection, serializer, history.Given(stream, events));

    /// <summary>Says when the events that follow are recorded; the start of the year 2000 by default.</summary>
    /// <param name="time">The time; not before that of events given so far.</param>
    /// <exception cref="ArgumentOutOfRangeException">Events of a later time are given already.</exception>
    public ProjectionScenario<TProjection> At(DateTimeOffset time) => new(projection, serializer, history.At(time));

    /// <summary>Says what metadata the events that follow have; none by default.</summary>
    /// <param name="metadata">The metadata.</param>
    public ProjectionScenario<TProjection> With(EventMetadata metadata) => new(projection, serializer, history.With(metadata));

    /// <summary>The read model shows this, compared as JSON.</summary>
    /// <typeparam name="TValue">What is looked at.</typeparam>
    /// <param name="read">Looks at the read model.</param>
    /// <param name="expected">What is to be seen.</param>
    /// <returns>This scenario, for further looks.</returns>
    /// <exception cref="ScenarioFailedException">Something else is seen.</exception>
    /// <exception cref="EventHandlingException">A handler failed.</exception>
    /// <exception cref="InvalidOperationException">The projection has been given events before this scenario.</exception>
    public ProjectionScenario<TProjection> Then<TValue>(Func<TProjection, TValue> read, TValue expected)
    {
        ArgumentNullException.ThrowIfNull(read);
        Apply();
        var title = typeof(TProjection).Name;
        return Difference.Between(new Shown(title, Shown.ContentOf(expected)), new Shown(title, Shown.ContentOf(read(projection)))) is { } difference
            ? throw new ScenarioFailedException(difference)
            : this;
    }

    private void Apply()
    {
        if (isApplied)
        {
            return;
        }

        var events = new List<EventEnvelope>();
        var filter = new EventFilter { Categories = projection.Categories };
        history.Write(serializer, [], (_, envelopes) =>
            events.AddRange(envelopes.Where(envelope => filter.Matches(envelope.Stream, envelope.Recorded.Type, envelope.Recorded.Tags))));
        var lease = new ConsumerLease(new ConsumerKey(projection.Name, 1, StreamShard.All), ConsumerRole.Serving, 0);
        Wait.For(async () =>
        {
            if (await projection.LoadPositionAsync(lease, CancellationToken.None).ConfigureAwait(false) != LogPosition.Start)
            {
                throw new InvalidOperationException($"'{projection.Name}' has been given events before: make a new one for each scenario.");
            }

            var to = events.Count > 0 ? events[^1].Position : LogPosition.Start;
            await projection.ApplyAsync(lease, new EventPage(LogPosition.Start, events, to), CancellationToken.None).ConfigureAwait(false);
            return true;
        });
        isApplied = true;
    }
}
