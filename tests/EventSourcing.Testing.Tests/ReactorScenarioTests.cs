namespace EventSourcing.Testing;

/// <summary>Events in, commands and messages out.</summary>
public sealed class ReactorScenarioTests
{
    private static readonly TimeSpan Fortnight = TimeSpan.FromDays(14);

    private readonly ReactorScenario reminders = Scenario.For(new Reminders());

    [Fact]
    public void What_is_scheduled_and_cancelled_is_an_effect()
    {
        reminders.When("order-1", new Placed("ada", 30))
            .Then(Effect.Scheduled(new Overdue("order-1"), Fortnight, "pay order-1"));
        reminders.At(new DateTimeOffset(2026, 5, 1, 0, 0, 0, TimeSpan.Zero)).When("order-1", new Placed("ada", 30))
            .Then(Effect.Scheduled(new Overdue("order-1"), new DateTimeOffset(2026, 5, 15, 2, 0, 0, TimeSpan.FromHours(2)), "pay order-1"));
        reminders.Given("order-1", new Placed("ada", 30)).When("order-1", new Paid()).Then(Effect.Cancelled("pay order-1"));
    }

    [Fact]
    public void Messages_come_when_time_passes_and_not_before()
    {
        var placed = reminders.Given("order-1", new Placed("ada", 30));

        placed.WhenTimePasses(Fortnight - TimeSpan.FromTicks(1)).ThenNothing();
        placed.WhenTimePasses(Fortnight).Then(new CancelOrder("order-1", "not paid"));
        placed.Given("order-1", new Paid()).WhenTimePasses(Fortnight).ThenNothing();
    }

    [Fact]
    public void Messages_come_in_the_order_in_which_they_are_due() => reminders
        .Given("order-1", new Placed("ada", 30))
        .At(new DateTimeOffset(2000, 1, 3, 0, 0, 0, TimeSpan.Zero))
        .Given("order-2", new Placed("bob", 30))
        .WhenTimePasses(Fortnight)
        .Then(new CancelOrder("order-1", "not paid"), new CancelOrder("order-2", "not paid"));

    [Fact]
    public void What_was_due_before_has_come_before() => reminders
        .Given("order-1", new Placed("ada", 30))
        .At(new DateTimeOffset(2000, 2, 1, 0, 0, 0, TimeSpan.Zero))
        .WhenTimePasses(TimeSpan.Zero)
        .ThenNothing();

    [Fact]
    public void A_message_may_schedule_the_next_one()
    {
        var daily = Scenario.For(new Daily()).Given("order-1", new Placed("ada", 1));

        daily.WhenTimePasses(TimeSpan.FromDays(3)).Then(
            Effect.Scheduled(new Overdue("2"), TimeSpan.FromDays(1)),
            Effect.Scheduled(new Overdue("3"), TimeSpan.FromDays(1)),
            Effect.Scheduled(new Overdue("4"), TimeSpan.FromDays(1)));
    }

    [Fact]
    public void A_reactor_that_never_comes_to_rest_is_an_error()
    {
        var restless = Scenario.For(new Daily(TimeSpan.Zero)).Given("order-1", new Paid());

        restless.Invoking(it => it.Given("order-1", new Placed("ada", 1)).WhenTimePasses(TimeSpan.Zero))
            .Should().Throw<InvalidOperationException>().WithMessage("'daily' does not come to rest*'overdue'*");
    }

    [Fact]
    public void What_it_has_no_handler_for_comes_to_nothing()
    {
        reminders.When("order-1", new Cancelled("no")).ThenNothing().IdempotencyKeys.Should().BeEmpty();
        reminders.When("chair-1", new Placed("ada", 30)).ThenNothing();
    }

    [Fact]
    public void The_difference_is_shown_with_commands_and_effects()
    {
        var reaction = Scenario.For(new Custom((_, context) =>
        {
            context.Schedule(new Overdue("order-1"), Fortnight);
            return context.SendAsync(new CancelOrder("order-1", "no"));
        })).When("order-1", new Placed("ada", 30));

        Failing.Message(() => reaction.Then(new CancelOrder("order-1", "no"), Effect.Scheduled(new Overdue("order-1"), TimeSpan.FromDays(7), "key"))).Should().Be(
            """
            Expected:
              1. CancelOrder {
                "Order": "order-1",
                "Reason": "no"
              }
              2. Scheduled Overdue {
                "Delay": "7.00:00:00",   <-- first difference
                "Key": "key",
                "Message": {
                  "Order": "order-1"
                }
              }
            Actual:
              1. CancelOrder {
                "Order": "order-1",
                "Reason": "no"
              }
              2. Scheduled Overdue {
                "Delay": "14.00:00:00",   <-- first difference
                "Message": {
                  "Order": "order-1"
                }
              }
            """.ReplaceLineEndings("\n"));
        Failing.Message(() => reaction.ThenNothing()).Should().StartWith("Expected:\n  nothing   <-- first difference\nActual:\n  1. CancelOrder {");
        Failing.Message(() => reaction.Then(Effect.Cancelled("pay"))).Should().StartWith("Expected:\n  1. Cancelled {");
    }

    [Fact]
    public void A_handler_that_fails_is_an_outcome()
    {
        var reaction = Scenario.For(new Custom((_, _) => throw new TimeoutException("No answer."))).When("order-1", new Placed("ada", 30));

        reaction.ThenThrows<TimeoutException>(failure => failure.Message == "No answer.");
        reaction.ThenThrows<TimeoutException>("No answer");
        Failing.Message(() => reaction.ThenThrows<ArgumentException>()).Should().Be("Expected:\n  an exception ArgumentException\nActual:\n  an exception TimeoutException: No answer.");
        Failing.Message(() => reaction.Then(new CancelOrder("1", "2"))).Should().EndWith("Actual:\n  an exception TimeoutException: No answer.");
        Failing.Message(() => reaction.ThenTheSameWhenRedelivered()).Should().Be("Redelivered, it fails with an exception TimeoutException: No answer.");
        Failing.Message(() => reminders.When("order-1", new Placed("ada", 30)).ThenThrows<TimeoutException>()).Should().Contain("1. Scheduled Overdue {");
    }

    [Fact]
    public void A_history_that_cannot_be_handled_is_not_taken_for_an_outcome()
    {
        var broken = Scenario.For(new Custom((placed, _) => placed.Total < 0 ? throw new TimeoutException("Broken.") : Task.CompletedTask)).Given("order-1", new Placed("ada", -1));

        broken.Invoking(it => it.When("order-1", new Placed("ada", 1)).ThenThrows<TimeoutException>()).Should().Throw<TimeoutException>().WithMessage("Broken.");
    }

    [Fact]
    public void Commands_are_answered_by_whom_the_scenario_names()
    {
        var refused = new List<string>();
        var reactor = new Custom(async (_, context) =>
        {
            try
            {
                await context.SendAsync(new CancelOrder("order-1", "no"));
            }
            catch (InvalidOperationException refusal)
            {
                refused.Add(refusal.Message);
            }
        });

        Scenario.For(reactor, commands: new Refusing()).When("order-1", new Placed("ada", 1)).Then(new CancelOrder("order-1", "no"));
        Scenario.For(reactor).When("order-1", new Placed("ada", 1)).Then(new CancelOrder("order-1", "no"));

        refused.Should().Equal("Refused.");
    }

    [Fact]
    public void Redelivered_a_reactor_does_the_same_under_the_same_keys()
    {
        var keys = new List<string>();
        var reactor = new Custom((_, context) =>
        {
            keys.Add(context.IdempotencyKey);
            context.Schedule(new Overdue("order-1"), Fortnight);
            return context.SendAsync(new CancelOrder("order-1", "no"));
        });

        var reaction = Scenario.For(reactor).When("order-1", new Placed("ada", 1)).ThenTheSameWhenRedelivered();

        keys.Should().Equal($"custom/{TestIds.Of(1)}", $"custom/{TestIds.Of(1)}").And.Subject.Should().OnlyContain(key => key == reaction.IdempotencyKeys.Single());
        reminders.Given("order-1", new Placed("ada", 1)).WhenTimePasses(Fortnight).ThenTheSameWhenRedelivered();
    }

    [Fact]
    public void A_reactor_that_does_something_else_the_second_time_fails()
    {
        var calls = 0;
        var more = new Custom((_, context) => calls++ > 0 ? context.SendAsync(new CancelOrder("order-1", "again")) : Task.CompletedTask);
        var other = new Custom((_, context) => context.SendAsync(new CancelOrder("order-1", $"call {++calls}")));

        Failing.Message(() => Scenario.For(more).When("order-1", new Placed("ada", 1)).ThenTheSameWhenRedelivered())
            .Should().StartWith("Redelivered, something else comes of it.\nExpected:\n  nothing").And.Contain("\"Reason\": \"again\"");
        Failing.Message(() => Scenario.For(other).When("order-1", new Placed("ada", 1)).ThenTheSameWhenRedelivered())
            .Should().Contain("\"Reason\": \"call 3\"   <-- first difference");
    }

    [Fact]
    public void Handlers_may_wait_whatever_the_callers_context_is()
    {
        var before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(new Stuck());
        try
        {
            Scenario.For(new Custom(async (_, context) =>
            {
                await Task.Yield();
                await Task.Delay(1, context.CancellationToken);
                await context.SendAsync(new CancelOrder("order-1", "no"));
            })).When("order-1", new Placed("ada", 1)).Then(new CancelOrder("order-1", "no"));
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }
    }

    [Fact]
    public void Bad_input_is_refused()
    {
        reminders.Invoking(it => it.When("order-1", null!)).Should().Throw<ArgumentNullException>();
        reminders.Invoking(it => it.When("order-1", new Paid()).Then()).Should().Throw<ArgumentException>().WithMessage("*ThenNothing*");
        reminders.Invoking(it => it.WhenTimePasses(-Fortnight)).Should().Throw<ArgumentOutOfRangeException>();
        reminders.Invoking(it => it.Given("order-1", new Paid()).At(DateTimeOffset.MinValue)).Should().Throw<ArgumentOutOfRangeException>();
    }

    [Fact]
    public void Events_are_told_to_others_in_their_public_shape()
    {
        var messages = Scenario.For(new OrderMessages()).Given("order-1", new Placed("ada", 30), new Paid(), new Placed("bob", 0));

        messages.Then(Effect.Published("shop.placed", "placed.v1", new PlacedMessage("ada")));
        messages.Then(Effect.Published("shop.placed", "placed.v1", new { Customer = "ada" }, key: "order-1"));
        Scenario.For(new OrderMessages()).Given("order-1", new Paid()).Given("chair-1", new Placed("ada", 30)).ThenNothing();
        messages.Invoking(it => it.Then()).Should().Throw<ArgumentException>().WithMessage("*ThenNothing*");
        Failing.Message(() => messages.Then(Effect.Published("shop.placed", "placed.v1", new PlacedMessage("eve"), key: "order-1"))).Should().Be(
            """
            Expected:
              1. Published placed.v1 {
                "Topic": "shop.placed",
                "Key": "order-1",
                "Body": {
                  "customer": "eve"   <-- first difference
                }
              }
            Actual:
              1. Published placed.v1 {
                "Topic": "shop.placed",
                "Key": "order-1",
                "Body": {
                  "customer": "ada"   <-- first difference
                }
              }
            """.ReplaceLineEndings("\n"));
    }

    private sealed class Custom : Reactor
    {
        public Custom(Func<Placed, ReactorContext, Task> handle)
            : base("custom")
        {
            On(handle);
            OnMessage<Overdue>((_, _) => Task.CompletedTask);
        }
    }

    private sealed class Daily : Reactor
    {
        public Daily(TimeSpan? pause = null)
            : base("daily")
        {
            var day = pause ?? TimeSpan.FromDays(1);
            On<Placed>((_, context) =>
            {
                context.Schedule(new Overdue("1"), day);
                return Task.CompletedTask;
            });
            OnMessage<Overdue>((overdue, context) =>
            {
                var next = int.Parse(overdue.Order, System.Globalization.CultureInfo.InvariantCulture) + 1;
                context.Schedule(new Overdue(next.ToString(System.Globalization.CultureInfo.InvariantCulture)), day);
                return Task.CompletedTask;
            });
        }
    }

    private sealed class Refusing : ICommandDispatcher
    {
        public Task<CommandResult> DispatchAsync<TCommand>(TCommand command, CommandContext? context = null, CancellationToken cancellationToken = default)
            where TCommand : notnull => throw new InvalidOperationException("Refused.");
    }

    private sealed class Stuck : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state)
        {
            // Whoever comes here waits for ever.
        }
    }
}
