namespace EventSourcing.Testing;

/// <summary>
/// Where a test begins: <c>Scenario.For&lt;BankAccount&gt;().Given(…).When(…).Then(…)</c>. Works with any test framework:
/// what is not as expected throws <see cref="ScenarioFailedException"/>.
/// </summary>
public static class Scenario
{
    /// <summary>A scenario of an aggregate.</summary>
    /// <typeparam name="TAggregate">The aggregate's class.</typeparam>
    public static AggregateScenario<TAggregate> For<TAggregate>()
        where TAggregate : Aggregate, new() => new([]);

    /// <summary>A scenario of a decider.</summary>
    /// <typeparam name="TCommand">The decider's commands.</typeparam>
    /// <typeparam name="TState">The decider's state.</typeparam>
    /// <typeparam name="TEvent">The decider's events.</typeparam>
    /// <param name="decider">The decider.</param>
    public static DeciderScenario<TCommand, TState, TEvent> For<TCommand, TState, TEvent>(Decider<TCommand, TState, TEvent> decider)
        where TEvent : notnull
    {
        ArgumentNullException.ThrowIfNull(decider);
        return new DeciderScenario<TCommand, TState, TEvent>(decider, []);
    }

    /// <summary>A scenario of a projection of views: events in, views out.</summary>
    /// <typeparam name="TView">The projection's view.</typeparam>
    /// <param name="projection">The projection.</param>
    /// <param name="serializer">The application's own, where its events have upcasters or converters; by default one that knows the events
    /// given.</param>
    public static ViewScenario<TView> For<TView>(ViewProjection<TView> projection, EventSerializer? serializer = null)
        where TView : class
    {
        ArgumentNullException.ThrowIfNull(projection);
        return new ViewScenario<TView>(projection, serializer, History.Empty);
    }

    /// <summary>A scenario of a projection that keeps its read model in itself: events in, read model out.</summary>
    /// <typeparam name="TProjection">The projection's class.</typeparam>
    /// <param name="projection">The projection, made for this scenario.</param>
    /// <param name="serializer">The application's own, where its events have upcasters or converters; by default one that knows the events
    /// given.</param>
    public static ProjectionScenario<TProjection> For<TProjection>(TProjection projection, EventSerializer? serializer = null)
        where TProjection : Projection
    {
        ArgumentNullException.ThrowIfNull(projection);
        return new ProjectionScenario<TProjection>(projection, serializer, History.Empty);
    }

    /// <summary>A scenario of a reactor: events in, commands and messages out.</summary>
    /// <param name="reactor">The reactor.</param>
    /// <param name="commands">Answers the commands, where the reactor looks at what they come to; by default each is taken, and comes to
    /// nothing.</param>
    /// <param name="serializer">The application's own, where its events have upcasters or converters; by default one that knows the events
    /// given and the messages that the reactor declares.</param>
    public static ReactorScenario For(Reactor reactor, ICommandDispatcher? commands = null, EventSerializer? serializer = null)
    {
        ArgumentNullException.ThrowIfNull(reactor);
        return new ReactorScenario(reactor, commands, serializer, History.Empty, EventMetadata.None);
    }

    /// <summary>A scenario of a translator: events in, public messages out.</summary>
    /// <param name="translator">The translator.</param>
    /// <param name="serializer">The application's own, where its events have upcasters or converters; by default one that knows the events
    /// given.</param>
    public static TranslatorScenario For(MessageTranslator translator, EventSerializer? serializer = null)
    {
        ArgumentNullException.ThrowIfNull(translator);
        return new TranslatorScenario(translator, serializer, History.Empty);
    }

    /// <summary>A scenario of a decision by several small projections.</summary>
    /// <param name="projections">What the decision has to know.</param>
    /// <exception cref="ArgumentException">There is none, or one of them is null or named twice.</exception>
    public static DecisionScenario For(params IReadOnlyList<DecisionProjection> projections)
    {
        ArgumentNullException.ThrowIfNull(projections);
        DecisionModel.ThrowIfUnfit(projections);
        return new DecisionScenario(projections, []);
    }
}
