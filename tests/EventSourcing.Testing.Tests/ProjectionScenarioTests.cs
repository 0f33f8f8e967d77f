using System.Text.Json.Serialization;

namespace EventSourcing.Testing;

/// <summary>Events in, views out.</summary>
public sealed class ProjectionScenarioTests
{
    private static readonly DateTimeOffset May = new(2026, 5, 1, 12, 0, 0, TimeSpan.FromHours(2));

    [Fact]
    public void Views_are_folded_from_the_events_of_all_streams() => Scenario.For(new Customers())
        .Given("order-1", new Placed("ada", 30))
        .Given("order-2", new Placed("ada", 12), new Paid())
        .Given("order-3", new Placed("bob", 5))
        .Then("ada", new CustomerView(2, 42))
        .Then("bob", new CustomerView(1, 5.00m))
        .ThenNone("carl");

    [Fact]
    public void Another_view_fails_and_both_are_shown()
    {
        var scenario = Scenario.For(new Customers()).Given("order-1", new Placed("ada", 30));

        Failing.Message(() => scenario.Then("ada", new CustomerView(1, 31))).Should().Be(
            """
            The view of 'ada':
            Expected:
              CustomerView {
                "Orders": 1,
                "Turnover": 31   <-- first difference
              }
            Actual:
              CustomerView {
                "Orders": 1,
                "Turnover": 30   <-- first difference
              }
            """.ReplaceLineEndings("\n"));
    }

    [Fact]
    public void A_view_that_is_missing_or_there_by_mistake_fails()
    {
        var scenario = Scenario.For(new Customers()).Given("order-1", new Placed("ada", 30)).Given("order-2", new Placed("bob", 30));

        Failing.Message(() => scenario.Then("carl", new CustomerView(1, 30))).Should()
            .StartWith("Expected:\n  'carl': CustomerView {").And.EndWith("Actual:\n  no view of 'carl'; there are 'ada', 'bob'");
        Failing.Message(() => scenario.ThenNone("ada")).Should().StartWith("Expected:\n  no view of 'ada'\nActual:\n  'ada': CustomerView {");
        Failing.Message(() => Scenario.For(new Customers()).Then("ada", new CustomerView(1, 30))).Should().EndWith("there is none at all");
    }

    [Fact]
    public void An_event_may_concern_several_views_and_remove_them() => Scenario.For(new Places())
        .Given("table-1", new Merged("a", "b"))
        .Given("table-2", new Merged("b", "c"))
        .ThenNone("a")
        .ThenNone("b")
        .Then("c", new PlaceView("c", "table-2", 2, null, new DateTimeOffset(2000, 1, 1, 0, 0, 0, TimeSpan.Zero)));

    [Fact]
    public void A_projection_sees_stream_version_time_and_metadata() => Scenario.For(new Places())
        .At(May)
        .With(new EventMetadata { Actor = "ada" })
        .Given("table-1", new Merged("a", "b"))
        .Then("b", new PlaceView("b", "table-1", 1, "ada", May.ToUniversalTime()));

    [Fact]
    public void Streams_of_other_categories_are_left_out() => Scenario.For(new Places()).Given("chair-1", new Merged("a", "b")).ThenNone("b");

    [Fact]
    public void Scenarios_do_not_change_each_other()
    {
        var one = Scenario.For(new Customers()).Given("order-1", new Placed("ada", 1));
        _ = one.Given("order-2", new Placed("ada", 2));

        one.Then("ada", new CustomerView(1, 1));
    }

    [Fact]
    public void A_view_that_cannot_be_kept_fails()
    {
        Failing.Message(() => Scenario.For(new Folder<Unreadable>(_ => new Unreadable { Total = 1 })).Given("order-1", new Paid()).ThenNone("x"))
            .Should().StartWith("The view of 'order-1' after Paid is another one when it is read from JSON again.");
        Failing.Message(() => Scenario.For(new Folder<Unmakable>(_ => Unmakable.One)).Given("order-1", new Paid()).ThenNone("x"))
            .Should().StartWith("The view of 'order-1' after Paid cannot be kept as JSON: ");
    }

    [Fact]
    public void An_event_that_does_not_survive_being_stored_shows_as_it_comes_back() => Scenario.For(new Folder<Forgetful>(@event => (Forgetful)@event))
        .Given("order-1", new Forgetful(1) { Secret = "gone" })
        .Then("order-1", new Forgetful(1));

    [Fact]
    public void A_handler_that_fails_says_on_which_event()
    {
        var scenario = Scenario.For(new Folder<CustomerView>(_ => throw new InvalidOperationException("Broken."))).Given("order-1", new Paid());

        scenario.Invoking(it => it.ThenNone("x")).Should().Throw<EventHandlingException>().WithMessage("*'paid' at position 1 (stream 'order-1', version 1)*Broken.");
    }

    [Fact]
    public void A_projection_with_a_read_model_of_its_own_is_asked_for_it() => Scenario.For(new Turnover())
        .Given("order-1", new Placed("ada", 30), new Placed("bob", 1))
        .Then(turnover => turnover.Total, 31)
        .Then(turnover => turnover.Customers, ["ada", "bob"]);

    [Fact]
    public void What_it_shows_otherwise_fails() => Failing.Message(() => Scenario.For(new Turnover())
        .Given("order-1", new Placed("ada", 30))
        .Then(turnover => turnover.Total, 31)).Should().Be(
            "Expected:\n  Turnover 31   <-- first difference\nActual:\n  Turnover 30   <-- first difference");

    [Fact]
    public void One_projection_object_is_for_one_scenario()
    {
        var turnover = new Turnover();
        Scenario.For(turnover).Given("order-1", new Placed("ada", 1)).Then(it => it.Total, 1);

        var again = () => Scenario.For(turnover).Given("order-1", new Placed("ada", 1)).Then(it => it.Total, 2);

        again.Should().Throw<InvalidOperationException>().WithMessage("'turnover' has been given events before*");
    }

    [Fact]
    public void Stored_events_are_lifted_by_the_applications_own_serializer()
    {
        var types = new EventTypeRegistry().Add<Placed>().Add<Ordered>();
        types.Upcasters.Add<Ordered, Placed>(old => new Placed(old.By, 7));

        Scenario.For(new Customers(), new EventSerializer(types))
            .Given("order-1", new Ordered("ada"))
            .Then("ada", new CustomerView(1, 7));
    }

    [Fact]
    public void Bad_input_is_refused()
    {
        var scenario = Scenario.For(new Customers());

        scenario.Invoking(it => it.Given("", new Paid())).Should().Throw<ArgumentException>();
        scenario.Invoking(it => it.Given("order-1", null!, new Paid())).Should().Throw<ArgumentNullException>();
        scenario.Invoking(it => it.Given("order-1", new Paid()).At(DateTimeOffset.MinValue)).Should().Throw<ArgumentOutOfRangeException>().WithMessage("*does not run backwards*");
        scenario.Invoking(it => it.Then("ada", null!)).Should().Throw<ArgumentNullException>();
        scenario.Invoking(it => it.Given("order-1", new Circle()).ThenNone("x")).Should().Throw<EventSerializationException>();
    }

    [EventType("ordered")]
    private sealed record Ordered(string By);

    [EventType("merged")]
    private sealed record Merged(string From, string Into);

    private sealed record PlaceView(string Key, string Stream, long Version, string? Actor, DateTimeOffset At);

    private sealed class Places : ViewProjection<PlaceView>
    {
        public Places()
            : base("places") => OnEach<Merged>((merged, _) => [merged.From, merged.Into], (_, merged, context) => context.Key == merged.From
                ? null
                : new PlaceView(
                    context.Key,
                    context.Envelope.Stream.Value,
                    context.Envelope.Position.Value,
                    context.Envelope.Metadata.Actor,
                    context.Envelope.RecordedAt));

        public override IReadOnlyCollection<string> Categories => ["table"];
    }

    private sealed class Folder<TView> : ViewProjection<TView>
        where TView : class
    {
        public Folder(Func<object, TView?> fold)
            : base("folder") => On<object>((_, @event, _) => fold(@event));
    }

    private sealed class Unreadable
    {
        public int Total { get; internal set; }
    }

    private sealed class Unmakable
    {
        private Unmakable(int total) => Total = total;

        public static Unmakable One { get; } = new(1);

        public int Total { get; }
    }

    private sealed record Forgetful(int Number)
    {
        [JsonIgnore]
        public string? Secret { get; init; }
    }

    private sealed class Circle
    {
        public Circle Itself => this;
    }

    private sealed class Turnover : Projection
    {
        public Turnover()
            : base("turnover") => On<Placed>((placed, _) =>
            {
                Total += placed.Total;
                Customers.Add(placed.Customer);
            });

        public decimal Total { get; private set; }

        public List<string> Customers { get; } = [];
    }
}
