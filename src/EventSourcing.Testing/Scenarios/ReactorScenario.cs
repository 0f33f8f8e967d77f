namespace EventSourcing.Testing;

/// <summary>Events in, commands and messages out. Each call gives another scenario; this one stays as it is.</summary>
/// <remarks>Commands are written down and go nowhere. What the reactor calls outside is yours to replace by a double. Time passes only as
/// the scenario says.</remarks>
public sealed class ReactorScenario
{
    private readonly Reactor reactor;
    private readonly ICommandDispatcher? commands;
    private readonly EventSerializer? serializer;
    private readonly History history;
    private readonly EventMetadata metadata;

    internal ReactorScenario(Reactor reactor, ICommandDispatcher? commands, EventSerializer? serializer, History history, EventMetadata metadata)
    {
        this.reactor = reactor;
        this.commands = commands;
        this.serializer = serializer;
        this.history = history;
        this.metadata = metadata;
    }

    /// <summary>Adds events that the reactor has handled before. What it did then is not compared; messages that it scheduled wait for
    /// their time.</summary>
    /// <param name="stream">The stream that holds them.</param>
    /// <param name="events">The events in order.</param>
    public ReactorScenario Given(StreamName stream, params IReadOnlyList<object> events) => Then(history.Given(stream, events));

    /// <summary>Says when what follows happens; the start of the year 2000 by default.</summary>
    /// <param name="time">The time; not before that of events given so far.</param>
    /// <exception cref="ArgumentOutOfRangeException">Events of a later time are given already.</exception>
    public ReactorScenario At(DateTimeOffset time) => Then(history.At(time));

    /// <summary>Says what metadata the events that follow have; none by default.</summary>
    /// <param name="metadata">The metadata.</param>
    public ReactorScenario With(EventMetadata metadata) => new(reactor, commands, serializer, history.With(metadata), metadata);

    /// <summary>Lets an event happen, and the reactor handle it.</summary>
    /// <param name="stream">The stream that holds it.</param>
    /// <param name="event">The event.</param>
    /// <returns>What the reactor does, to be compared.</returns>
    public Reaction When(StreamName stream, object @event)
    {
        ArgumentNullException.ThrowIfNull(@event);
        var run = Run();
        return new Reaction(run, [run.Happen(stream, @event, metadata)]);
    }

    /// <summary>Lets time pass, and the reactor handle the messages that come due in it, in that order.</summary>
    /// <param name="time">How long; zero or more.</param>
    /// <returns>What the reactor does, to be compared.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The time is negative.</exception>
    public Reaction WhenTimePasses(TimeSpan time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(time, TimeSpan.Zero);
        var run = Run();
        return new Reaction(run, run.PassTo(history.Now + time));
    }

    private ReactorRun Run() => new(reactor, commands, serializer, history);

    private ReactorScenario Then(History longer) => new(reactor, commands, serializer, longer, metadata);
}
