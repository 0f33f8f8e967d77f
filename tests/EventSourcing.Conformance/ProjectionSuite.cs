using Xunit;

namespace EventSourcing.Conformance;

/// <summary>The projection runner over the store, with a read model in memory.</summary>
public abstract class ProjectionSuite : StoreSuite
{
    private static readonly ProjectionRunnerOptions Quick = new()
    {
        FirstRetryDelay = TimeSpan.FromMilliseconds(1),
        PageSize = 4,
        MaxAttempts = 3,
    };

    private readonly EventSerializer serializer = new(new EventTypeRegistry().Add<Sold>().Add<Noted>());

    [Fact]
    public async Task Catches_up_and_then_follows()
    {
        await SellAsync(1, 2, 3, 4, 5, 6);
        var sales = new Sales();
        var runner = Runner(sales);
        using var stop = new CancellationTokenSource();
        var running = runner.RunAsync(stop.Token);

        await runner.WaitForAsync("sales", new LogPosition(6), Cancellation).WaitAsync(Patience, Cancellation);
        Assert.Equal([1, 2, 3, 4, 5, 6], sales.Seen);
        var last = await SellAsync(7);
        await runner.WaitForAsync("sales", last, Cancellation).WaitAsync(Patience, Cancellation);
        Assert.Equal([1, 2, 3, 4, 5, 6, 7], sales.Seen);
        Assert.Equal(new ProjectionStatus("sales", ProjectionState.Live, last, null), Assert.Single(runner.GetStatus()));

        await stop.CancelAsync();
        await running.WaitAsync(Patience, Cancellation);
        Assert.Equal(ProjectionState.Stopped, runner.GetStatus()[0].State);
    }

    [Fact]
    public async Task Can_be_brought_up_to_date_without_staying()
    {
        await SellAsync(1, 2, 3);
        var sales = new Sales();
        var runner = Runner(sales);

        await runner.CatchUpAsync(Cancellation);
        await SellAsync(4);
        await runner.CatchUpAsync(Cancellation);
        await runner.CatchUpAsync(Cancellation);

        Assert.Equal([1, 2, 3, 4], sales.Seen);
    }

    [Fact]
    public async Task Passes_over_events_that_it_does_not_ask_for()
    {
        await SellAsync(1);
        await AppendAsync("note-1", ExpectedVersion.Any, NewEvent("unheard"), serializer.Serialize(new Noted()));
        var sales = new Sales();
        var runner = Runner(sales);

        await runner.CatchUpAsync(Cancellation);

        Assert.Equal([1], sales.Seen);
        Assert.Equal(new LogPosition(3), runner.GetStatus()[0].Position);
    }

    [Fact]
    public async Task A_failure_that_passes_is_tried_again_and_no_event_is_applied_twice()
    {
        await SellAsync(1, 2, 3, 4, 5, 6);
        var failures = 0;
        var sales = new Sales(sold => sold.Amount == 3 && failures++ < 2);

        await Runner(sales).CatchUpAsync(Cancellation);

        Assert.Equal(3, failures);
        Assert.Equal([1, 2, 3, 4, 5, 6], sales.Seen);
    }

    [Fact]
    public async Task A_poison_event_stops_its_projection_loudly_and_no_other()
    {
        await SellAsync(1, 2, 3, 4, 5);
        var poisoned = new Sales(sold => sold.Amount == 3, "poisoned");
        var healthy = new Sales();
        var runner = Runner(poisoned, healthy);
        using var stop = new CancellationTokenSource();
        var running = runner.RunAsync(stop.Token);

        var failure = await Assert.ThrowsAsync<ProjectionFailedException>(() =>
            runner.WaitForAsync("poisoned", new LogPosition(5), Cancellation).WaitAsync(Patience, Cancellation));
        await runner.WaitForAsync("sales", await SellAsync(6), Cancellation).WaitAsync(Patience, Cancellation);

        Assert.Equal([1, 2], poisoned.Seen);
        Assert.Equal([1, 2, 3, 4, 5, 6], healthy.Seen);
        var handling = Assert.IsType<EventHandlingException>(failure.InnerException);
        Assert.Equal(("poisoned", new LogPosition(3), "sold"), (failure.Projection, handling.Position, handling.EventType));
        Assert.Equal((ProjectionState.Failed, new LogPosition(2)), (runner.GetStatus()[0].State, runner.GetStatus()[0].Position));
        await Assert.ThrowsAsync<ProjectionFailedException>(() => runner.WaitForAsync("poisoned", new LogPosition(5), Cancellation));

        await stop.CancelAsync();
        await Assert.ThrowsAsync<ProjectionFailedException>(() => running.WaitAsync(Patience, Cancellation));
    }

    [Fact]
    public async Task A_stored_payload_that_does_not_fit_is_a_poison_event_too()
    {
        await SellAsync(1);
        await AppendAsync("sale-1", ExpectedVersion.Any, NewEvent("sold", "[]"));
        var sales = new Sales();

        var failure = await Assert.ThrowsAsync<ProjectionFailedException>(() => Runner(sales).CatchUpAsync(Cancellation));

        Assert.Equal(new LogPosition(2), Assert.IsType<EventSerializationException>(failure.InnerException).Position);
        Assert.Equal([1], sales.Seen);
    }

    [Fact]
    public async Task Keeps_its_checkpoint_where_it_is_told_to()
    {
        await SellAsync(1, 2, 3);
        await Runner(new Sales(checkpoints: Checkpoints)).CatchUpAsync(Cancellation);
        await SellAsync(4);
        var later = new Sales(checkpoints: Checkpoints);

        await Runner(later).CatchUpAsync(Cancellation);

        Assert.Equal([4], later.Seen);
        Assert.Equal(Checkpoint.After(new LogPosition(4)), await Checkpoints.LoadAsync("sales", Cancellation));
    }

    [Fact]
    public async Task Mistakes_are_told_at_once()
    {
        Assert.Throws<ArgumentException>(() => Runner(new Sales(), new Sales()));
        await Assert.ThrowsAsync<ArgumentException>(() => Runner(new Sales()).WaitForAsync("unheard", LogPosition.Start, Cancellation));
        var unregistered = new ProjectionRunner(Store, new EventSerializer(new EventTypeRegistry()), [new Sales()], Quick);
        var failure = await Assert.ThrowsAsync<ProjectionFailedException>(() => unregistered.RunAsync(Cancellation).WaitAsync(Patience, Cancellation));
        Assert.Contains("no such event type is registered", failure.Message, StringComparison.Ordinal);
    }

    private ProjectionRunner Runner(params IProjection[] projections) => new(Store, serializer, projections, Quick);

    private async Task<LogPosition> SellAsync(params int[] amounts) =>
        (await AppendAsync("sale-1", ExpectedVersion.Any, [.. amounts.Select(amount => serializer.Serialize(new Sold(amount)))])).Position;

    [EventType("sold")]
    private sealed record Sold(int Amount);

    [EventType("noted")]
    private sealed record Noted;

    private sealed class Sales : Projection
    {
        private readonly List<int> seen = [];

        public Sales(Predicate<Sold>? fails = null, string name = "sales", ICheckpointStore? checkpoints = null)
            : base(name, checkpoints) => On<Sold>((sold, _) =>
            {
                if (fails?.Invoke(sold) == true)
                {
                    throw new NotSupportedException("poison");
                }

                lock (seen)
                {
                    seen.Add(sold.Amount);
                }
            });

        public IReadOnlyList<int> Seen
        {
            get
            {
                lock (seen)
                {
                    return [.. seen];
                }
            }
        }
    }
}
