using System.Diagnostics;
using EventSourcing.InMemory;
using EventSourcing.TestInfrastructure;
using Microsoft.Extensions.DependencyInjection;

namespace EventSourcing;

/// <summary>What is told of projections and reactors while they run.</summary>
[Collection(TelemetryCollection.Name)]
public sealed class ConsumerTelemetryTests : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Handling handling = new();
    private readonly Clock clock = new();
    private readonly ServiceProvider provider;

    public ConsumerTelemetryTests()
    {
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(clock);
        services.AddSingleton(handling);
        var options = new ConsumerOptions { MaxAttempts = 2, FirstRetryDelay = TimeSpan.FromMilliseconds(1), OnPoison = PoisonAction.Park };
        services.AddEventSourcing(all => (all.Projections, all.Reactors) = (options, options))
            .UseInMemory()
            .AddEvent<Asked>().AddEvent<Answered>().AddEvent<Reminded>()
            .AddCommandHandler<Ask, AskHandler>().AddCommandHandler<Answer, AnswerHandler>()
            .AddView<Questions, Question>()
            .AddReactor<Answering>();
        provider = services.BuildServiceProvider();
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private ProjectionRunner Projections => provider.GetRequiredService<ProjectionRunner>();

    private ReactorRunner Reactors => provider.GetRequiredService<ReactorRunner>();

    private string Projection => $"questions{handling.Unique}";

    private string Reactor => $"answering{handling.Unique}";

    private string[] OfProjection => [$"consumer={Projection}", "kind=projection"];

    private string[] OfReactor => [$"consumer={Reactor}", "kind=reactor"];

    public ValueTask DisposeAsync() => provider.DisposeAsync();

    [Fact]
    public async Task From_a_command_over_a_reactor_to_the_last_read_model_is_one_trace()
    {
        using var watch = new TelemetryWatch();

        // Otherwise both events may come to the read model in one page.
        handling.OnReact = context => Projections.WaitForAsync(Projection, context.Envelope.Position, context.CancellationToken);
        await using var run = new Runs(Projections.RunAsync, Reactors.RunAsync);

        var asked = await AskAsync(1);
        await CaughtUpAsync(2);

        var trace = watch.Activities("command", "eventsourcing.correlation_id", asked).Where(one => one.DisplayName == "command Ask").Should().ContainSingle().Subject.TraceId;
        var reacting = watch.Activities("handle", "messaging.consumer.group.name", Reactor).Should().ContainSingle().Subject;
        reacting.GetTagItem("eventsourcing.event_type").Should().Be("asked");
        var answer = watch.Activities("command", "eventsourcing.correlation_id", asked).Where(one => one.DisplayName == "command Answer").Should().ContainSingle().Subject;
        var pages = watch.Activities("handle", "messaging.consumer.group.name", Projection);
        pages.Select(page => page.GetTagItem("eventsourcing.event_type")).Should().Equal("asked", "answered");
        answer.ParentSpanId.Should().Be(reacting.SpanId);
        new[] { reacting, answer }.Concat(pages).Should().OnlyContain(activity => activity.TraceId == trace);
    }

    [Fact]
    public async Task A_reactor_is_measured_event_by_event_and_a_projection_page_by_page()
    {
        using var watch = new TelemetryWatch();
        await AskAsync(1);
        await AskAsync(2);
        await AskAsync(3);

        await Reactors.CatchUpAsync(Cancellation);
        await Projections.CatchUpAsync(Cancellation);

        watch.Of("eventsourcing.consumer.events", OfReactor).Should().Equal(1, 1, 1);
        watch.Of("eventsourcing.consumer.duration", [.. OfReactor, "outcome=ok"]).Should().HaveCount(3);
        watch.Activities("handle", "messaging.consumer.group.name", Reactor).Should().HaveCount(3);
        watch.Of("eventsourcing.consumer.events", OfProjection).Should().Equal(6);
        watch.Of("eventsourcing.consumer.duration", [.. OfProjection, "outcome=ok"]).Should().HaveCount(1);
        watch.Activities("handle page", "messaging.consumer.group.name", Projection).Should().ContainSingle()
            .Which.Links.Should().HaveCount(6);
    }

    [Fact]
    public async Task What_is_tried_again_and_what_is_parked_are_counted_and_the_failures_show_in_the_trace()
    {
        using var watch = new TelemetryWatch();
        handling.OnFold = () => throw new FormatException("broken on purpose");
        handling.OnReact = _ => throw new FormatException("broken on purpose");
        await AskAsync(1);

        await Reactors.CatchUpAsync(Cancellation);
        await Projections.CatchUpAsync(Cancellation);

        foreach (var (tags, name) in new[] { (OfReactor, Reactor), (OfProjection, Projection) })
        {
            watch.Of("eventsourcing.consumer.duration", [.. tags, "outcome=failed"]).Should().HaveCount(2);
            watch.Of("eventsourcing.consumer.retries", tags).Sum().Should().Be(1);
            watch.Of("eventsourcing.consumer.dead_letters", tags).Should().Equal(1);
            var tries = watch.Activities("handle", "messaging.consumer.group.name", name);
            tries.Should().HaveCount(2).And.OnlyContain(one => one.Status == ActivityStatusCode.Error);
            tries.Select(one => one.GetTagItem("error.type")).Should().AllBeEquivalentTo(typeof(FormatException).FullName);
        }
    }

    [Fact]
    public async Task How_long_the_oldest_dead_letter_waits_is_told_by_who_runs_the_consumer()
    {
        handling.OnFold = () => throw new FormatException("broken on purpose");
        handling.OnReact = _ => throw new FormatException("broken on purpose");
        await AskAsync(1);
        await Reactors.CatchUpAsync(Cancellation);
        clock.Ahead += TimeSpan.FromMinutes(10);
        await Projections.CatchUpAsync(Cancellation);
        clock.Ahead += TimeSpan.FromMinutes(2);

        using var watch = new TelemetryWatch(isTracing: false);
        await using var run = new Runs(Projections.RunAsync, Reactors.RunAsync);

        await UntilAsync(() => watch.Gauge("eventsourcing.consumer.parked.age", OfReactor) is [>= 720 and < 840]);
        await UntilAsync(() => watch.Gauge("eventsourcing.consumer.parked.age", OfProjection) is [>= 120 and < 240]);
    }

    [Fact]
    public async Task What_has_failed_keeps_telling_its_lag_until_its_process_ends()
    {
        using var watch = new TelemetryWatch(isTracing: false);
        var store = new InMemoryEventStore(time: clock);
        var serializer = provider.GetRequiredService<EventSerializer>();
        await store.AppendAsync($"question-{handling.Unique}", ExpectedVersion.Any, [serializer.Serialize(new Asked(1))], Cancellation);
        var runner = new ProjectionRunner(store, serializer, [new Failing(Projection)], new ConsumerOptions { MaxAttempts = 1 }, time: clock);
        using var stop = new CancellationTokenSource();
        var run = runner.RunAsync(stop.Token);
        await UntilAsync(async () => (await runner.GetStatusAsync(Cancellation))[0].State == ConsumerState.Failed);

        clock.Ahead += TimeSpan.FromMinutes(1);

        watch.Gauge("eventsourcing.consumer.lag", OfProjection).Should().ContainSingle().Which.Should().BeInRange(60, 120);
        await stop.CancelAsync();
        await FluentActions.Awaiting(() => run).Should().ThrowAsync<ConsumerFailedException>();
        watch.Gauge("eventsourcing.consumer.lag", OfProjection).Should().BeEmpty();
    }

    [Fact]
    public async Task A_scheduled_message_is_traced_too_and_long_after_its_event_in_a_trace_of_its_own()
    {
        using var watch = new TelemetryWatch();
        handling.OnReact = context =>
        {
            context.Schedule(new Reminded(), TimeSpan.FromHours(2));
            return Task.CompletedTask;
        };
        await AskAsync(1);
        await using var run = new Runs(Reactors.RunAsync);
        await UntilAsync(async () => (await Reactors.ListMessagesAsync(Reactor, Cancellation)).Count == 1);
        var asking = watch.Activities("handle", "messaging.consumer.group.name", Reactor).Should().ContainSingle().Subject;

        clock.Ahead += TimeSpan.FromHours(3);

        await UntilAsync(() => watch.Activities("handle", "messaging.consumer.group.name", Reactor).Count == 2);
        var reminding = watch.Activities("handle", "messaging.consumer.group.name", Reactor)[1];
        reminding.GetTagItem("eventsourcing.event_type").Should().Be("reminded");
        reminding.TraceId.Should().NotBe(asking.TraceId);
        reminding.Links.Should().ContainSingle().Which.Context.TraceId.Should().Be(asking.TraceId);
        await UntilAsync(() => watch.Of("eventsourcing.consumer.duration", [.. OfReactor, "outcome=ok"]).Count == 2);
        watch.Of("eventsourcing.consumer.events", OfReactor).Should().Equal(1);
    }

    private static Task UntilAsync(Func<bool> isTrue) => UntilAsync(() => Task.FromResult(isTrue()));

    private static async Task UntilAsync(Func<Task<bool>> isTrue)
    {
        for (var until = DateTime.UtcNow + Patience; !await isTrue();)
        {
            (DateTime.UtcNow < until).Should().BeTrue("it is to come true");
            await Task.Delay(5, Cancellation);
        }
    }

    private async Task<string> AskAsync(int number)
    {
        var correlation = Guid.NewGuid().ToString();
        var command = new Ask($"question{handling.Unique}-{number}");
        await provider.GetRequiredService<ICommandDispatcher>().DispatchAsync(command, new CommandContext { CorrelationId = correlation }, Cancellation);
        return correlation;
    }

    private async Task CaughtUpAsync(long position)
    {
        await Reactors.WaitForAsync(Reactor, new LogPosition(position), Cancellation).WaitAsync(Patience, Cancellation);
        await Projections.WaitForAsync(Projection, new LogPosition(position), Cancellation).WaitAsync(Patience, Cancellation);
    }

    /// <summary>What a test does to handlers.</summary>
    private sealed class Handling
    {
        public string Unique { get; } = Guid.NewGuid().ToString("N");

        public Action OnFold { get; set; } = () => { };

        public Func<ReactorContext, Task> OnReact { get; set; } = _ => Task.CompletedTask;
    }

    private sealed class Clock : TimeProvider
    {
        public TimeSpan Ahead { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Ahead;
    }

    private sealed class Runs : IAsyncDisposable
    {
        private readonly CancellationTokenSource stop = new();
        private readonly Task running;

        public Runs(params Func<CancellationToken, Task>[] runs) => running = Task.WhenAll(runs.Select(run => run(stop.Token)));

        public async ValueTask DisposeAsync()
        {
            await stop.CancelAsync();
            await running;
            stop.Dispose();
        }
    }

    [EventType("asked")]
    private sealed record Asked(int Number);

    [EventType("answered")]
    private sealed record Answered;

    [EventType("reminded")]
    private sealed record Reminded;

    private sealed record Ask(string Stream);

    private sealed record Answer(string Stream);

    private sealed record Question(int Events);

    private sealed class AskHandler(IRepository repository) : ICommandHandler<Ask>
    {
        public Task<CommandResult> HandleAsync(Ask command, CommandContext context, CancellationToken cancellationToken = default) =>
            repository.ExecuteAsync(command.Stream, 0, (count, _) => count + 1, _ => [new Asked(1)], context, cancellationToken);
    }

    private sealed class AnswerHandler(IRepository repository) : ICommandHandler<Answer>
    {
        public Task<CommandResult> HandleAsync(Answer command, CommandContext context, CancellationToken cancellationToken = default) =>
            repository.ExecuteAsync(command.Stream, 0, (count, _) => count + 1, _ => [new Answered()], context, cancellationToken);
    }

    private sealed class Questions : ViewProjection<Question>
    {
        public Questions(Handling handling)
            : base($"questions{handling.Unique}")
        {
            On<Asked>((question, _, _) =>
            {
                handling.OnFold();
                return new Question((question?.Events ?? 0) + 1);
            });
            On<Answered>((question, _, _) => new Question((question?.Events ?? 0) + 1));
        }
    }

    private sealed class Answering : Reactor
    {
        public Answering(Handling handling)
            : base($"answering{handling.Unique}", LogPosition.Start)
        {
            On<Asked>(async (_, context) =>
            {
                await handling.OnReact(context);
                await context.SendAsync(new Answer(context.Envelope.Stream.Value));
            });
            OnMessage<Reminded>((_, _) => Task.CompletedTask);
        }
    }

    private sealed class Failing : Projection
    {
        public Failing(string name)
            : base(name) => On<Asked>((_, _) => throw new FormatException("broken on purpose"));
    }
}
