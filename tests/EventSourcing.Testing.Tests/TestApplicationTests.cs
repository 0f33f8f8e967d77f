using Microsoft.Extensions.DependencyInjection;

namespace EventSourcing.Testing;

/// <summary>A whole application, without waiting.</summary>
public sealed class TestApplicationTests
{
    private static readonly TimeSpan Fortnight = TimeSpan.FromDays(14);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task All_that_follows_from_a_command_is_done_when_it_returns()
    {
        await using var app = await StartAsync();

        var result = await app.SendAsync(new PlaceOrder("order-1", "ada", 30), cancellationToken: Cancellation);

        result.Events.Should().Equal(new Placed("ada", 30));
        await app.ThenViewAsync("ada", new CustomerView(1, 30), Cancellation);
        await app.ThenViewAsync<CustomerView>("bob", null, Cancellation);
        app.ThenPublished(Effect.Published("shop.placed", "placed.v1", new PlacedMessage("ada"), key: "order-1"));
        app.Published.Should().ContainSingle().Which.CausationId.Should().Be((await app.ReadAsync("order-1", Cancellation))[0].Id.ToString());
    }

    [Fact]
    public async Task Time_passes_when_the_test_says_and_what_is_due_comes_at_its_own_time()
    {
        await using var app = await StartAsync(startAt: new DateTimeOffset(2026, 5, 1, 0, 0, 0, TimeSpan.Zero));
        await app.SendAsync(new PlaceOrder("order-1", "ada", 30), cancellationToken: Cancellation);
        await app.AdvanceAsync(TimeSpan.FromDays(2), Cancellation);
        await app.SendAsync(new PlaceOrder("order-2", "bob", 5), cancellationToken: Cancellation);
        await app.AdvanceAsync(TimeSpan.FromDays(12) - TimeSpan.FromTicks(1), Cancellation);
        await app.ThenEventsAsync("order-1", [new Placed("ada", 30)], Cancellation);
        await app.AdvanceAsync(TimeSpan.FromDays(100), Cancellation);

        await app.ThenEventsAsync("order-1", [new Placed("ada", 30), new Cancelled("not paid")], Cancellation);
        await app.ThenEventsAsync("order-2", [new Placed("bob", 5), new Cancelled("not paid")], Cancellation);
        (await app.ReadAsync("order-1", Cancellation))[1].RecordedAt.Should().Be(new DateTimeOffset(2026, 5, 15, 0, 0, 0, TimeSpan.Zero));
        (await app.ReadAsync("order-2", Cancellation))[1].RecordedAt.Should().Be(new DateTimeOffset(2026, 5, 17, 0, 0, 0, TimeSpan.Zero));
        app.Clock.GetUtcNow().Should().Be(new DateTimeOffset(2026, 5, 15, 0, 0, 0, TimeSpan.Zero).AddDays(100).AddTicks(-1));
    }

    [Fact]
    public async Task What_has_happened_is_followed_by_what_follows_from_it()
    {
        await using var app = await StartAsync();
        await app.GivenAsync("order-1", [new Placed("ada", 30), new Paid()], Cancellation);
        await app.AdvanceAsync(Fortnight, Cancellation);

        await app.ThenViewAsync("ada", new CustomerView(1, 30), Cancellation);
        await app.ThenEventsAsync("order-1", [new Placed("ada", 30), new Paid()], Cancellation);
    }

    [Fact]
    public async Task Ids_and_times_are_the_same_in_each_run()
    {
        (await RunAsync()).Should().Equal(await RunAsync()).And.HaveCount(4);

        static async Task<List<string>> RunAsync()
        {
            await using var app = await StartAsync();
            await app.SendAsync(new PlaceOrder("order-1", "ada", 30), cancellationToken: Cancellation);
            await app.SendAsync(new PlaceOrder("order-2", "bob", 30), cancellationToken: Cancellation);
            await app.AdvanceAsync(Fortnight, Cancellation);
            return [.. (await app.ReadAsync("order-1", Cancellation)).Concat(await app.ReadAsync("order-2", Cancellation))
                .Select(one => $"{one.Id} {one.Metadata.CommandId} {one.Metadata.CorrelationId} {one.RecordedAt:O}")];
        }
    }

    [Fact]
    public async Task A_refused_command_is_thrown_as_it_is()
    {
        await using var app = await StartAsync();
        await app.SendAsync(new PlaceOrder("order-1", "ada", 30), cancellationToken: Cancellation);

        await app.Awaiting(it => it.SendAsync(new PlaceOrder("order-1", "ada", 30), cancellationToken: Cancellation))
            .Should().ThrowAsync<InvalidOperationException>().WithMessage("It is placed already.");
    }

    [Fact]
    public async Task Redelivered_effects_store_nothing_twice()
    {
        await using var app = await StartAsync();
        await app.SendAsync(new PlaceOrder("order-1", "ada", 30), cancellationToken: Cancellation);
        await app.AdvanceAsync(Fortnight, Cancellation);
        await app.Services.GetRequiredService<ReactorRunner>().RunEffectsAgainAsync("reminders", LogPosition.Start, Cancellation);
        await app.AdvanceAsync(Fortnight, Cancellation);

        await app.ThenEventsAsync("order-1", [new Placed("ada", 30), new Cancelled("not paid")], Cancellation);
        (await app.Services.GetRequiredService<ReactorRunner>().ListMessagesAsync("reminders", Cancellation)).Should().BeEmpty();
    }

    [Fact]
    public async Task Differences_are_shown()
    {
        await using var app = await StartAsync();
        await app.SendAsync(new PlaceOrder("order-1", "ada", 30), cancellationToken: Cancellation);

        (await Failing.MessageAsync(() => app.ThenEventsAsync("order-1", [new Placed("eve", 30)], Cancellation))).Should()
            .StartWith("Stream 'order-1':\nExpected:\n  1. Placed {\n    \"Customer\": \"eve\",   <-- first difference");
        (await Failing.MessageAsync(() => app.ThenEventsAsync("order-2", [new Placed("eve", 30)], Cancellation))).Should().EndWith("Actual:\n  nothing   <-- first difference\n  (nothing more)".Replace("\n  (nothing more)", string.Empty, StringComparison.Ordinal));
        (await Failing.MessageAsync(() => app.ThenViewAsync("ada", new CustomerView(2, 30), Cancellation))).Should().StartWith("The view of 'ada':\nExpected:\n  CustomerView {\n    \"Orders\": 2,   <-- first difference");
        (await Failing.MessageAsync(() => app.ThenViewAsync("bob", new CustomerView(2, 30), Cancellation))).Should().EndWith("Actual:\n  no CustomerView null   <-- first difference");
        (await Failing.MessageAsync(() => app.ThenViewAsync<CustomerView>("ada", null, Cancellation))).Should().StartWith("The view of 'ada':\nExpected:\n  no CustomerView");
        Failing.Message(() => app.ThenPublished()).Should().StartWith("Expected:\n  nothing   <-- first difference\nActual:\n  1. Published placed.v1 {");
    }

    [Fact]
    public async Task A_projection_that_gives_up_is_thrown_and_no_hang()
    {
        await using var app = await StartAsync(shop => shop.AddProjection<Broken>());

        (await app.Awaiting(it => it.SendAsync(new PlaceOrder("order-1", "ada", 30), cancellationToken: Cancellation))
            .Should().ThrowAsync<ConsumerFailedException>()).Which.InnerException.Should().BeOfType<EventHandlingException>()
            .Which.InnerException!.Message.Should().Be("Broken.");
        app.Services.GetRequiredService<Broken>().Calls.Should().Be(5, "that is how often the options try");
    }

    [Fact]
    public async Task A_reactor_whose_command_is_refused_is_thrown()
    {
        await using var app = await StartAsync(shop => shop.AddReactor<Answering>(), answer: (_, context) =>
            context.SendAsync(new PlaceOrder(context.Envelope.Stream.Value, "eve", 1)));

        (await app.Awaiting(it => it.SendAsync(new PlaceOrder("order-1", "ada", 30), cancellationToken: Cancellation))
            .Should().ThrowAsync<ConsumerFailedException>()).Which.Consumer.Should().Be("answering");
    }

    [Fact]
    public async Task A_handler_that_fails_is_tried_again_as_the_options_say()
    {
        var calls = 0;
        await using var app = await StartAsync(shop => shop.AddReactor<Answering>(), answer: (_, _) =>
            ++calls < 5 ? throw new TimeoutException() : Task.CompletedTask);
        await app.SendAsync(new PlaceOrder("order-1", "ada", 30), cancellationToken: Cancellation);

        calls.Should().Be(5);
    }

    [Fact]
    public async Task What_the_options_park_is_parked()
    {
        await using var app = await StartAsync(
            shop =>
            {
                shop.AddReactor<Answering>();
                shop.Services.Configure<EventSourcingOptions>(options => options.Reactors = new ConsumerOptions { OnPoison = PoisonAction.Park, MaxAttempts = 2 });
            },
            answer: (_, _) => throw new TimeoutException("Too late."));
        await app.SendAsync(new PlaceOrder("order-1", "ada", 30), cancellationToken: Cancellation);

        (await app.Services.GetRequiredService<ReactorRunner>().ListDeadLettersAsync("answering", Cancellation))
            .Should().ContainSingle().Which.Attempts.Should().Be(2);
    }

    [Fact]
    public async Task What_would_be_waited_for_without_end_is_given_up()
    {
        await using var app = await StartAsync(
            shop =>
            {
                shop.AddReactor<Answering>();
                shop.Services.Configure<EventSourcingOptions>(options =>
                    options.Reactors = new ConsumerOptions { IsTransient = _ => true, FirstRetryDelay = TimeSpan.Zero });
            },
            answer: (_, _) => throw new TimeoutException("Still away."));

        await app.Awaiting(it => it.SendAsync(new PlaceOrder("order-1", "ada", 30), cancellationToken: Cancellation))
            .Should().ThrowAsync<ConsumerFailedException>().WithMessage("*Still away.*");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_message_whose_handler_keeps_failing_is_thrown(bool isTransient)
    {
        await using var app = await StartAsync(
            shop =>
            {
                shop.AddReactor<Answering>();
                shop.Services.Configure<EventSourcingOptions>(options => options.Reactors = new ConsumerOptions { IsTransient = _ => isTransient });
            },
            answer: (_, context) =>
            {
                context.Schedule(new Overdue("order-1"), TimeSpan.FromHours(1));
                return Task.CompletedTask;
            },
            remind: (_, _) => throw new TimeoutException("Too late."));
        await app.SendAsync(new PlaceOrder("order-1", "ada", 30), cancellationToken: Cancellation);

        await app.Awaiting(it => it.AdvanceAsync(TimeSpan.FromHours(1), Cancellation)).Should().ThrowAsync<ConsumerFailedException>().WithMessage("'answering'*Too late.*");
    }

    [Fact]
    public async Task An_application_that_never_comes_to_rest_is_an_error()
    {
        var number = 0;
        await using var app = await StartAsync(shop => shop.AddReactor<Answering>(), answer: (_, context) =>
            context.SendAsync(new PlaceOrder($"order-{++number}", "ada", 1)));

        await app.Awaiting(it => it.SendAsync(new PlaceOrder("order-a", "ada", 30), cancellationToken: Cancellation))
            .Should().ThrowAsync<InvalidOperationException>().WithMessage("The application does not come to rest: after 3,000 turns*");
    }

    [Fact]
    public async Task A_broker_that_fails_once_is_asked_again_and_one_that_is_away_is_given_up()
    {
        var publisher = new Publisher { Failures = 3 };
        await using var app = await StartAsync(shop => shop.Services.AddSingleton<IMessagePublisher>(publisher));
        await app.SendAsync(new PlaceOrder("order-1", "ada", 30), cancellationToken: Cancellation);
        publisher.Sent.Should().ContainSingle();
        app.Invoking(it => it.Published).Should().Throw<InvalidOperationException>().WithMessage("*publisher of its own*");

        publisher.Failures = int.MaxValue;
        await app.Awaiting(it => it.SendAsync(new PlaceOrder("order-2", "ada", 30), cancellationToken: Cancellation))
            .Should().ThrowAsync<ConsumerFailedException>().WithMessage("'message-relay'*No confirm came.");
    }

    [Fact]
    public async Task A_double_may_call_the_application_back()
    {
        TestApplication? app = null;
        await using var running = app = await StartAsync(shop => shop.AddReactor<Answering>(), answer: (_, _) =>
            app!.GivenAsync("order-1", [new Paid()], Cancellation));
        await app.SendAsync(new PlaceOrder("order-1", "ada", 30), cancellationToken: Cancellation);
        await app.AdvanceAsync(Fortnight, Cancellation);

        await app.ThenEventsAsync("order-1", [new Placed("ada", 30), new Paid()], Cancellation);
    }

    [Fact]
    public async Task Commands_of_several_threads_take_turns()
    {
        await using var app = await StartAsync();
        var sent = await Task.WhenAll(Enumerable.Range(0, 20).Select(number => Task.Run(async () =>
        {
            try
            {
                return (await app.SendAsync(new PlaceOrder($"order-{number % 2}", "ada", 1), cancellationToken: Cancellation)).Events.Count;
            }
            catch (InvalidOperationException)
            {
                return 0;
            }
        })));

        sent.Sum().Should().Be(2);
        await app.ThenViewAsync("ada", new CustomerView(2, 2), Cancellation);
    }

    [Fact]
    public async Task A_conflict_is_decided_again_though_the_clock_stands_still()
    {
        await using var app = await StartAsync();
        var tries = 0;
        await app.Services.GetRequiredService<IRepository>().ExecuteAsync(
            "order-1",
            0,
            (count, _) => count + 1,
            count =>
            {
                // Somebody else is faster, nine times.
                if (++tries < 10)
                {
                    var rival = app.Services.GetRequiredService<EventSerializer>().Serialize(new Paid());
                    _ = app.Services.GetRequiredService<IEventStore>().AppendAsync("order-1", ExpectedVersion.Any, [rival], Cancellation);
                }

                return [new Cancelled($"{count}")];
            },
            cancellationToken: Cancellation).WaitAsync(TimeSpan.FromSeconds(20), Cancellation);

        (await app.ReadAsync("order-1", Cancellation))[^1].Event.Should().Be(new Cancelled("9"));
    }

    [Fact]
    public async Task A_view_that_is_built_anew_takes_the_place_of_the_old_one()
    {
        await using var app = await StartAsync();
        await app.SendAsync(new PlaceOrder("order-1", "ada", 30), cancellationToken: Cancellation);
        var runner = app.Services.GetRequiredService<ProjectionRunner>();
        await runner.RebuildAsync("customers", Cancellation);
        (await runner.GetStatusAsync(Cancellation)).Should().Contain(status => status.Role == ConsumerRole.Building);
        await app.SettleAsync(Cancellation);

        (await runner.GetStatusAsync(Cancellation)).Should().ContainSingle().Which.Role.Should().Be(ConsumerRole.Serving);
        await app.ThenViewAsync("ada", new CustomerView(1, 30), Cancellation);
    }

    [Fact]
    public async Task Inline_views_free_projections_and_rebuilds_work_too()
    {
        await using var app = await TestApplication.StartAsync(
            shop => Events(shop).AddInlineView<Customers, CustomerView>().AddProjection<Counter>().AddReactor<Reminders>(), cancellationToken: Cancellation);
        await app.Services.GetRequiredService<IRepository>().ExecuteAsync<Order>("order-1", order => order.Place("ada", 30), cancellationToken: Cancellation);
        (await app.FindAsync<CustomerView>("ada", Cancellation)).Should().Be(new CustomerView(1, 30), "the append itself has applied it");
        app.Services.GetRequiredService<Counter>().Count.Should().Be(0);
        await app.SettleAsync(Cancellation);
        app.Services.GetRequiredService<Counter>().Count.Should().Be(1);

        await app.Services.GetRequiredService<ProjectionRunner>().RebuildAsync("customers", Cancellation);
        await app.SettleAsync(Cancellation);
        await app.ThenViewAsync("ada", new CustomerView(1, 30), Cancellation);
        (await app.Services.GetRequiredService<ProjectionRunner>().GetStatusAsync(Cancellation)).Where(status => status.Role == ConsumerRole.Building).Should().BeEmpty();
    }

    [Fact]
    public async Task A_paused_reactor_stands_still_until_it_is_resumed()
    {
        await using var app = await StartAsync();
        var reactors = app.Services.GetRequiredService<ReactorRunner>();
        await app.SendAsync(new PlaceOrder("order-1", "ada", 30), cancellationToken: Cancellation);
        await reactors.PauseAsync("reminders", Cancellation);
        await app.AdvanceAsync(Fortnight, Cancellation);
        await app.ThenEventsAsync("order-1", [new Placed("ada", 30)], Cancellation);
        await reactors.ResumeAsync("reminders", Cancellation);
        await app.SettleAsync(Cancellation);

        await app.ThenEventsAsync("order-1", [new Placed("ada", 30), new Cancelled("not paid")], Cancellation);
    }

    [Fact]
    public async Task Bad_input_is_refused()
    {
        await FluentActions.Awaiting(() => TestApplication.StartAsync(shop => shop.UseStore<IEventStore>(_ => null!), cancellationToken: Cancellation))
            .Should().ThrowAsync<InvalidOperationException>().WithMessage("A TestApplication keeps its events in memory*");
        await FluentActions.Awaiting(() => TestApplication.StartAsync(null!, cancellationToken: Cancellation)).Should().ThrowAsync<ArgumentNullException>();

        await using var app = await StartAsync(shop => shop.UseInMemory());
        await app.Awaiting(it => it.FindAsync<PlacedMessage>("ada", Cancellation)).Should().ThrowAsync<InvalidOperationException>().WithMessage("No projection of *PlacedMessage is registered*");
        await app.Awaiting(it => it.SendAsync("a text", cancellationToken: Cancellation)).Should().ThrowAsync<InvalidOperationException>().WithMessage("No handler is registered for System.String*");
        await app.Awaiting(it => it.GivenAsync("order-1", [new PlacedMessage("ada")], Cancellation)).Should().ThrowAsync<InvalidOperationException>().WithMessage("*not registered*");
        await app.Awaiting(it => it.AdvanceAsync(-Fortnight, Cancellation)).Should().ThrowAsync<ArgumentOutOfRangeException>();
        await app.Awaiting(it => it.SettleAsync(new CancellationToken(canceled: true))).Should().ThrowAsync<OperationCanceledException>();
    }

    private static EventSourcingBuilder Events(EventSourcingBuilder shop) =>
        shop.AddEvent<Placed>().AddEvent<Paid>().AddEvent<Cancelled>().AddEvent<Overdue>()
            .AddCommandHandler<PlaceOrder, OrderHandler>().AddCommandHandler<CancelOrder, OrderHandler>();

    private static Task<TestApplication> StartAsync(
        Action<EventSourcingBuilder>? more = null,
        DateTimeOffset? startAt = null,
        Func<Placed, ReactorContext, Task>? answer = null,
        Func<Overdue, ReactorContext, Task>? remind = null) => TestApplication.StartAsync(
            shop =>
            {
                Events(shop).AddView<Customers, CustomerView>().AddReactor<Reminders>().AddMessageTranslator<OrderMessages>();
                shop.Services.AddSingleton(new Answers(answer ?? ((_, _) => Task.CompletedTask), remind ?? ((_, _) => Task.CompletedTask)));
                more?.Invoke(shop);
            },
            startAt,
            Cancellation);

    private sealed record Answers(Func<Placed, ReactorContext, Task> Answer, Func<Overdue, ReactorContext, Task> Remind);

    private sealed class Answering : Reactor
    {
        public Answering(Answers answers)
            : base("answering")
        {
            On(answers.Answer);
            OnMessage(answers.Remind);
        }
    }

    private sealed class Broken : Projection
    {
        public Broken()
            : base("broken") => On<Placed>((_, _) =>
            {
                Calls++;
                throw new InvalidOperationException("Broken.");
            });

        public int Calls { get; private set; }
    }

    private sealed class Counter : Projection
    {
        public Counter()
            : base("counter") => On<Placed>((_, _) => Count++);

        public int Count { get; private set; }
    }

    private sealed class Publisher : IMessagePublisher
    {
        public int Failures { get; set; }

        public List<PublicMessage> Sent { get; } = [];

        public Task PublishAsync(IReadOnlyList<PublicMessage> messages, CancellationToken cancellationToken = default)
        {
            if (Failures-- > 0)
            {
                throw new MessagePublishingException("No confirm came.");
            }

            Sent.AddRange(messages);
            return Task.CompletedTask;
        }
    }
}
