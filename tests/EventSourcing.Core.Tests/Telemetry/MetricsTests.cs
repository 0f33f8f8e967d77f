using EventSourcing.InMemory;
using EventSourcing.TestInfrastructure;
using Microsoft.Extensions.DependencyInjection;

namespace EventSourcing;

/// <summary>What the library measures of appends, commands, loads and subscriptions, and that it costs nothing unwatched.</summary>
[Collection(TelemetryCollection.Name)]
public sealed class MetricsTests
{
    private readonly string category = $"measured{Guid.NewGuid():N}";
    private readonly InMemoryEventStore store = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private StreamName Stream => new($"{category}-1");

    private string Category => $"category={category}";

    [Fact]
    public async Task Appends_are_measured_by_what_they_came_to()
    {
        using var watch = new TelemetryWatch(isTracing: false);
        var events = new[] { NewEvent(), NewEvent(), NewEvent() };
        await store.AppendAsync(Stream, ExpectedVersion.NoStream, events, Cancellation);
        await store.AppendAsync(Stream, ExpectedVersion.NoStream, events, Cancellation);
        await FluentActions.Awaiting(() => store.AppendAsync(Stream, ExpectedVersion.At(1), [NewEvent()], Cancellation)).Should().ThrowAsync<ConcurrencyConflictException>();
        await FluentActions.Awaiting(() => store.AppendAsync(Stream, ExpectedVersion.Any, [NewEvent()], new CancellationToken(canceled: true))).Should().ThrowAsync<OperationCanceledException>();
        var broken = () => EventSourcingTelemetry.MeasureAppendAsync(
            new AppendRequest(new StreamAppend(Stream, ExpectedVersion.Any, [NewEvent()])), 0, static (_, _, _) => throw new EventStoreUnavailableException("down"), Cancellation);
        await broken.Should().ThrowAsync<EventStoreUnavailableException>();

        watch.Of("eventsourcing.append.duration", Category, "outcome=ok").Should().HaveCount(2).And.OnlyContain(seconds => seconds > 0 && seconds < 60);
        watch.Of("eventsourcing.append.duration", Category, "outcome=conflict").Should().ContainSingle();
        watch.Of("eventsourcing.append.duration", Category, "outcome=cancelled").Should().ContainSingle();
        watch.Of("eventsourcing.append.duration", Category, "outcome=failed").Should().ContainSingle();
        watch.Of("eventsourcing.append.conflicts", Category).Should().Equal(1);

        // What was stored already is not stored again.
        watch.Of("eventsourcing.append.events", Category).Should().Equal(3);
    }

    [Fact]
    public async Task Decisions_are_measured_with_what_they_read_and_how_often_they_were_taken_again()
    {
        var repository = new Repository(store, new EventSerializer(new EventTypeRegistry().Add<Measured>()));
        await store.AppendAsync(Stream, ExpectedVersion.NoStream, [NewEvent(), NewEvent()], Cancellation);
        using var watch = new TelemetryWatch(isTracing: false);
        var rivals = 2;

        await repository.ExecuteAsync(
            Stream,
            0,
            (count, _) => count + 1,
            _ =>
            {
                if (rivals-- > 0)
                {
                    store.AppendAsync(Stream, ExpectedVersion.Any, [NewEvent()], Cancellation).GetAwaiter().GetResult();
                }

                return [new Measured()];
            },
            cancellationToken: Cancellation);

        watch.Of("eventsourcing.execute.retries", Category).Should().Equal(1, 1);
        watch.Of("eventsourcing.execute.duration", Category, "outcome=ok").Should().ContainSingle();
        watch.Of("eventsourcing.load.events", Category).Should().Equal(2, 3, 4);
        watch.Of("eventsourcing.load.duration", Category).Should().HaveCount(3);
    }

    [Fact]
    public async Task Commands_are_measured_by_their_type()
    {
        var services = new ServiceCollection();
        services.AddEventSourcing().UseInMemory().AddCommandHandler<Measure, MeasureHandler>();
        await using var provider = services.BuildServiceProvider();
        var dispatcher = provider.GetRequiredService<ICommandDispatcher>();
        using var watch = new TelemetryWatch(isTracing: false);

        await dispatcher.DispatchAsync(new Measure(IsRefused: false), cancellationToken: Cancellation);
        await FluentActions.Awaiting(() => dispatcher.DispatchAsync(new Measure(IsRefused: true), cancellationToken: Cancellation)).Should().ThrowAsync<InvalidOperationException>();

        watch.Of("eventsourcing.command.duration", "command=Measure", "outcome=ok").Should().ContainSingle();
        watch.Of("eventsourcing.command.duration", "command=Measure", "outcome=failed").Should().ContainSingle();
    }

    [Fact]
    public async Task A_subscription_shows_what_it_delivered_and_how_far_it_is_behind_as_long_as_it_runs()
    {
        var tags = new[] { $"consumer={category}", "kind=subscription" };
        await store.AppendAsync(Stream, ExpectedVersion.NoStream, [NewEvent(), NewEvent()], Cancellation);
        using var watch = new TelemetryWatch(isTracing: false);
        await using (var messages = store.SubscribeAsync(new SubscriptionOptions { Name = category }, Cancellation).GetAsyncEnumerator(Cancellation))
        {
            await messages.MoveNextAsync();
            await messages.MoveNextAsync();

            // It has passed the first event, and holds the second.
            watch.Gauge("eventsourcing.consumer.position", tags).Should().Equal(1);
            await Task.Delay(20, Cancellation);
            watch.Gauge("eventsourcing.consumer.lag", tags).Should().ContainSingle().Which.Should().BeInRange(0.015, 60);

            (await messages.MoveNextAsync()).Should().BeTrue();
            messages.Current.Should().BeOfType<CaughtUp>();
            watch.Gauge("eventsourcing.consumer.position", tags).Should().Equal(2);
            watch.Gauge("eventsourcing.consumer.lag", tags).Should().Equal(0);
        }

        watch.Of("eventsourcing.consumer.events", tags).Should().Equal(1, 1);
        watch.Of("eventsourcing.log.events").Should().Contain(2);
        watch.Gauge("eventsourcing.consumer.position", tags).Should().BeEmpty();
    }

    [Fact]
    public void Nothing_is_allocated_while_nobody_listens()
    {
        var request = new AppendRequest(new StreamAppend(Stream, ExpectedVersion.Any, [NewEvent()]));
        var done = Task.FromResult(new AppendResult([], LogPosition.Start));
        var context = new CommandContext();
        var stream = Stream;
        var recorded = Recorded();
        var envelope = new EventEnvelope(new Measured(), recorded);
        using var consumer = new ConsumerMetrics("unwatched", ConsumerMetrics.Projection, TimeProvider.System);
        void Everything()
        {
            _ = EventSourcingTelemetry.MeasureAppendAsync(request, done, static (_, done, _) => done);
            using var command = Operation.Command<Measure>(context);
            using var execute = Operation.Execute(stream);
            Operation.Retries(execute, stream, 1);
            using var handling = TraceContext.StartHandling(envelope, "unwatched");
            consumer.At(recorded);
            consumer.Handled(1, consumer.Begin());
            consumer.Failed(consumer.Begin());
            consumer.Retried();
            consumer.DeadLettered();
            consumer.Passed(recorded.Position, isEnd: true);
        }

        Everything();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1_000; i++)
        {
            Everything();
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).Should().Be(0);
    }

    private static EventData NewEvent() => new(Guid.NewGuid(), "measured", "{}"u8.ToArray());

    private RecordedEvent Recorded() => new()
    {
        Stream = Stream,
        Version = new StreamVersion(1),
        Position = new LogPosition(1),
        Id = Guid.NewGuid(),
        Type = "measured",
        Data = "{}"u8.ToArray(),
        Metadata = default,
        RecordedAt = DateTimeOffset.UtcNow,
    };

    private sealed record Measure(bool IsRefused);

    [EventType("measured")]
    private sealed record Measured;

    private sealed class MeasureHandler : ICommandHandler<Measure>
    {
        public Task<CommandResult> HandleAsync(Measure command, CommandContext context, CancellationToken cancellationToken = default) =>
            command.IsRefused ? throw new InvalidOperationException("refused") : Task.FromResult(new CommandResult(LogPosition.Start, [], []));
    }
}
