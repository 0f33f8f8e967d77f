namespace EventSourcing.Testing;

public sealed class ScenarioTests
{
    private static readonly Decider<int, decimal, Deposited> Deposits = new(
        0m,
        (amount, balance) => amount == 0 ? [] : balance + amount > 100 ? throw new InvalidOperationException("Too much money.") : [new Deposited(amount, [])],
        (balance, deposited) => balance + deposited.Amount);

    [Fact]
    public void An_aggregate_passes_with_the_events_that_it_raises() => Scenario.For<Account>()
        .Given(new Deposited(100, ["cash"]))
        .When(account => account.Withdraw(30))
        .Then(new Withdrawn(30));

    [Fact]
    public void An_aggregate_is_called_as_loaded() => Scenario.For<Account>()
        .Given(new Deposited(100, []), new Withdrawn(10))
        .When(account =>
        {
            account.Version.Should().Be(new StreamVersion(2));
            account.UncommittedEvents.Should().BeEmpty();
            account.Balance.Should().Be(90);
        })
        .ThenNothing();

    [Fact]
    public void A_decider_passes_with_the_events_that_it_decides() => Scenario.For(Deposits)
        .Given(new Deposited(60, []))
        .When(40)
        .Then(new Deposited(40, []));

    [Fact]
    public void Doing_nothing_is_an_outcome() => Scenario.For(Deposits).When(0).ThenNothing();

    [Fact]
    public void A_refusal_is_an_outcome() => Scenario.For(Deposits)
        .Given(new Deposited(60, []))
        .When(41)
        .ThenThrows<InvalidOperationException>(refusal => refusal.Message.Contains("Too much", StringComparison.Ordinal))
        .Message.Should().Be("Too much money.");

    [Fact]
    public void Collections_are_compared_by_content() => Scenario.For<Account>()
        .When(account => account.Deposit(5, "cash", "coins"))
        .Then(new Deposited(5, ["cash", "coins"]));

    [Fact]
    public void Another_content_fails_and_both_sides_are_shown_as_json()
    {
        var failing = () => Scenario.For<Account>().Given(new Deposited(100, [])).When(account => account.Withdraw(30)).Then(new Withdrawn(31));

        failing.Should().Throw<ScenarioFailedException>().Which.Message.ReplaceLineEndings("\n").Should().Be(
            """

            Expected:
              1. Withdrawn {
                "Amount": 31   <-- first difference
              }
            Actual:
              1. Withdrawn {
                "Amount": 30   <-- first difference
              }
            """.ReplaceLineEndings("\n"));
    }

    [Fact]
    public void Another_class_a_missing_event_and_one_too_many_fail()
    {
        var outcome = Scenario.For<Account>().When(account => account.Deposit(5));

        Fails(() => outcome.Then(new Withdrawn(5)), "1. Withdrawn");
        Fails(() => outcome.Then(new Deposited(5, []), new Deposited(5, [])), "(nothing more)");
        Fails(() => outcome.ThenNothing(), "nothing   <-- first difference");
        Fails(() => outcome.Then(new Elsewhere.Deposited(5, [])), "Elsewhere");
    }

    [Fact]
    public void Classes_without_equality_and_members_in_another_order_are_equal_in_content() => Scenario.For<Account>()
        .When(account => account.Note(new Noted(new() { ["b"] = 2.50m, ["a"] = 1, ["c"] = null }, [new Shelf { Name = "x", Kind = Kind.Small }])))
        .Then(new Noted(new() { ["a"] = 1.000m, ["b"] = 2.5m, ["c"] = null }, [new Shelf { Name = "x", Kind = Kind.Small }]));

    [Fact]
    public void A_difference_deep_inside_is_marked_where_it_is() => Failing.Message(() => Scenario.For<Account>()
        .When(account => account.Note(new Noted(new() { ["b"] = 2, ["a"] = 1 }, [new Shelf { Name = "Zoë's", Kind = Kind.Small }])))
        .Then(new Noted(new() { ["a"] = 1, ["b"] = 2 }, [new Shelf { Name = "Zoë's", Kind = Kind.Large }]))).Should().Be(
            """
            Expected:
              1. Noted {
                "Amounts": {
                  "a": 1,
                  "b": 2
                },
                "Shelves": [
                  {
                    "Name": "Zoë's",
                    "Kind": "Large"   <-- first difference
                  }
                ]
              }
            Actual:
              1. Noted {
                "Amounts": {
                  "a": 1,
                  "b": 2
                },
                "Shelves": [
                  {
                    "Name": "Zoë's",
                    "Kind": "Small"   <-- first difference
                  }
                ]
              }
            """.ReplaceLineEndings("\n"));

    [Fact]
    public void What_cannot_be_shown_says_so()
    {
        var failing = () => Scenario.For<Account>().When(account => account.Note(new Circle())).Then(new Circle());

        failing.Should().Throw<InvalidOperationException>().WithMessage("*Circle cannot be written as JSON, by which it is compared and shown: *");
    }

    [Fact]
    public void Events_instead_of_a_refusal_fail_and_the_other_way_round()
    {
        Fails(() => Scenario.For(Deposits).When(1).ThenThrows<InvalidOperationException>(), "1. Deposited");
        Fails(() => Scenario.For(Deposits).When(101).ThenThrows<ArgumentException>(), "InvalidOperationException: Too much money.");
        Fails(() => Scenario.For(Deposits).When(101).ThenThrows<InvalidOperationException>(_ => false), "passes the check");
        Fails(() => Scenario.For(Deposits).When(101).ThenThrows<InvalidOperationException>("too much"), "an exception InvalidOperationException whose message contains 'too much'");
        Fails(() => Scenario.For(Deposits).When(101).ThenNothing(), "Too much money.");
        Scenario.For(Deposits).When(101).ThenThrows<InvalidOperationException>("much money").Message.Should().Be("Too much money.");
        FluentActions.Invoking(() => Scenario.For(Deposits).When(101).ThenThrows<InvalidOperationException>("")).Should().Throw<ArgumentException>();
        Fails(() => Scenario.For(Deposits).When(101).Then(new Deposited(101, [])), "Too much money.");
    }

    [Fact]
    public void A_history_that_cannot_be_replayed_is_not_taken_for_a_refusal()
    {
        var broken = Deposits with { Evolve = (_, _) => throw new InvalidOperationException("Broken history.") };

        var ofDecider = () => Scenario.For(broken).Given(new Deposited(1, [])).When(0).ThenThrows<InvalidOperationException>();
        var ofAggregate = () => Scenario.For<Account>().Given(new Unreadable()).When(_ => { }).ThenThrows<InvalidOperationException>();

        ofDecider.Should().Throw<InvalidOperationException>().WithMessage("Broken history.");
        ofAggregate.Should().Throw<InvalidOperationException>().WithMessage("Broken history.");
    }

    [Fact]
    public void To_expect_no_event_one_says_so()
    {
        var empty = () => Scenario.For(Deposits).When(0).Then();

        empty.Should().Throw<ArgumentException>().WithMessage("*ThenNothing*");
    }

    private static void Fails(Action scenario, string part) =>
        scenario.Should().Throw<ScenarioFailedException>().Which.Message.Should().Contain(part);

    private sealed record Deposited(decimal Amount, string[] Notes);

    private sealed record Withdrawn(decimal Amount);

    private sealed record Unreadable;

    private sealed record Noted(Dictionary<string, decimal?> Amounts, List<Shelf> Shelves);

    private enum Kind
    {
        Small,
        Large,
    }

    private sealed class Shelf
    {
        public required string Name { get; init; }

        public Kind Kind { get; init; }
    }

    private sealed class Circle
    {
        public Circle Itself => this;
    }

    private sealed class Account : Aggregate
    {
        public decimal Balance { get; private set; }

        public void Deposit(decimal amount, params string[] notes) => Raise(new Deposited(amount, notes));

        public void Withdraw(decimal amount) => Raise(new Withdrawn(amount));

        public void Note(object note) => Raise(note);

        protected override void Apply(object @event) => Balance += @event switch
        {
            Deposited deposited => deposited.Amount,
            Withdrawn withdrawn => -withdrawn.Amount,
            Unreadable => throw new InvalidOperationException("Broken history."),
            _ => 0,
        };
    }

    private static class Elsewhere
    {
        public sealed record Deposited(decimal Amount, string[] Notes);
    }
}
