using Xunit;

namespace EventSourcing.Conformance;

/// <summary>The projection runner over the store, with a read model in memory.</summary>
public abstract class ProjectionSuite : StoreSuite
{
    private static readonly ConsumerOptions Quick = new()
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
        var status = Assert.Single(await runner.GetStatusAsync(Cancellation));
        Assert.Equal(("sales", ConsumerState.Live, last, 0, null), (status.Name, status.State, status.Position, status.Lag, status.Error));

        await stop.CancelAsync();
        await running.WaitAsync(Patience, Cancellation);
        Assert.Equal(ConsumerState.Stopped, (await runner.GetStatusAsync(Cancellation))[0].State);
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
    public async Task Can_be_brought_up_to_date_while_that_is_under_way_already()
    {
        await SellAsync(1);
        using var begun = new SemaphoreSlim(0);
        using var goOn = new SemaphoreSlim(0);
        var sales = new Sales(sold =>
        {
            if (sold.Amount == 1)
            {
                begun.Release();
                goOn.Wait(Patience);
            }

            return false;
        });
        var runner = Runner(sales);

        var first = runner.CatchUpAsync(Cancellation);
        await begun.WaitAsync(Patience, Cancellation);
        await SellAsync(2);
        var second = runner.CatchUpAsync(Cancellation);
        var third = runner.CatchUpAsync(Cancellation);
        goOn.Release();

        await Task.WhenAll(first, second, third).WaitAsync(Patience, Cancellation);
        Assert.Equal([1, 2], sales.Seen);
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
        Assert.Equal(new LogPosition(3), (await runner.GetStatusAsync(Cancellation))[0].Position);
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

        var failure = await Assert.ThrowsAsync<ConsumerFailedException>(() =>
            runner.WaitForAsync("poisoned", new LogPosition(5), Cancellation).WaitAsync(Patience, Cancellation));
        await runner.WaitForAsync("sales", await SellAsync(6), Cancellation).WaitAsync(Patience, Cancellation);

        Assert.Equal([1, 2], poisoned.Seen);
        Assert.Equal([1, 2, 3, 4, 5, 6], healthy.Seen);
        var handling = Assert.IsType<EventHandlingException>(failure.InnerException);
        Assert.Equal(("poisoned", new LogPosition(3), "sold"), (failure.Consumer, handling.Position, handling.EventType));
        var status = (await runner.GetStatusAsync(Cancellation))[0];
        Assert.Equal((ConsumerState.Failed, new LogPosition(2)), (status.State, status.Position));
        await Assert.ThrowsAsync<ConsumerFailedException>(() => runner.WaitForAsync("poisoned", new LogPosition(5), Cancellation));

        await stop.CancelAsync();
        await Assert.ThrowsAsync<ConsumerFailedException>(() => running.WaitAsync(Patience, Cancellation));
    }

    [Fact]
    public async Task A_stored_payload_that_does_not_fit_is_a_poison_event_too()
    {
        await SellAsync(1);
        await AppendAsync("sale-1", ExpectedVersion.Any, NewEvent("sold", "[]"));
        var sales = new Sales();

        var failure = await Assert.ThrowsAsync<ConsumerFailedException>(() => Runner(sales).CatchUpAsync(Cancellation));

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
    public async Task Is_live_after_a_page_that_is_just_full()
    {
        await SellAsync(1, 2, 3, 4);
        var runner = Runner(new Sales());
        using var stop = new CancellationTokenSource();
        var running = runner.RunAsync(stop.Token);

        await UntilAsync(async () => (await runner.GetStatusAsync(Cancellation))[0] is { State: ConsumerState.Live, Position.Value: 4 });

        await stop.CancelAsync();
        await running.WaitAsync(Patience, Cancellation);
    }

    [Fact]
    public async Task Stops_and_goes_on_where_it_was()
    {
        var sales = new Sales();
        var runner = Runner(sales);
        for (var run = 1; run <= 3; run++)
        {
            using var stop = new CancellationTokenSource();
            var running = runner.RunAsync(stop.Token);
            await runner.WaitForAsync("sales", await SellAsync(run), Cancellation).WaitAsync(Patience, Cancellation);
            await stop.CancelAsync();
            await running.WaitAsync(Patience, Cancellation);
        }

        Assert.Equal([1, 2, 3], sales.Seen);
    }

    [Fact]
    public async Task Runs_once_at_a_time()
    {
        var runner = Runner(new Sales());
        using var stop = new CancellationTokenSource();
        var running = runner.RunAsync(stop.Token);

        await Assert.ThrowsAsync<InvalidOperationException>(() => runner.RunAsync(Cancellation));

        await stop.CancelAsync();
        await running.WaitAsync(Patience, Cancellation);
    }

    [Fact]
    public async Task A_failed_projection_goes_on_at_its_event_when_started_again()
    {
        await SellAsync(1, 2, 3, 4);
        var isBroken = true;
        var sales = new Sales(sold => sold.Amount == 3 && isBroken);
        var runner = Runner(sales);
        await Assert.ThrowsAsync<ConsumerFailedException>(() => runner.CatchUpAsync(Cancellation));

        isBroken = false;
        await runner.CatchUpAsync(Cancellation);

        Assert.Equal([1, 2, 3, 4], sales.Seen);
        var status = (await runner.GetStatusAsync(Cancellation))[0];
        Assert.Equal((ConsumerState.Stopped, null), (status.State, status.Error));
    }

    [Fact]
    public async Task Applies_what_many_write_at_once_exactly_once()
    {
        const int Writers = 8;
        const int Appends = 30;
        var sales = new Sales();
        var runner = Runner(sales);
        using var stop = new CancellationTokenSource();
        var running = runner.RunAsync(stop.Token);

        await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(
            async () =>
            {
                for (var i = 0; i < Appends; i++)
                {
                    await AppendAsync(StreamName.For("sale", writer), ExpectedVersion.At(i), serializer.Serialize(new Sold((writer * Appends) + i)));
                }
            },
            Cancellation))).WaitAsync(Patience, Cancellation);
        await runner.WaitForAsync("sales", new LogPosition(await HeadAsync()), Cancellation).WaitAsync(Patience, Cancellation);

        Assert.Equal(Enumerable.Range(0, Writers * Appends), sales.Seen.Order());
        Assert.Equal((await ReadLogAsync()).Select(recorded => ((Sold)serializer.Deserialize(recorded).Event).Amount), sales.Seen);
        await stop.CancelAsync();
        await running.WaitAsync(Patience, Cancellation);
    }

    [Fact]
    public async Task A_checkpoint_beyond_the_end_of_the_log_stops_it_at_once()
    {
        await SellAsync(1);
        await Checkpoints.SaveAsync("sales", Checkpoint.After(new LogPosition(5)), Cancellation);

        var failure = await Assert.ThrowsAsync<ConsumerFailedException>(() =>
            Runner(new Sales(checkpoints: Checkpoints)).CatchUpAsync(Cancellation).WaitAsync(Patience, Cancellation));

        Assert.Equal(new LogPosition(1), Assert.IsType<CheckpointAheadOfLogException>(failure.InnerException).Head);
    }

    [Fact]
    public async Task Waiting_can_be_given_up()
    {
        var runner = Runner(new Sales());
        using var stop = new CancellationTokenSource();
        var waiting = runner.WaitForAsync("sales", new LogPosition(1), stop.Token);
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.WaitAsync(Patience, Cancellation));
    }

    [Fact]
    public async Task Mistakes_are_told_at_once()
    {
        Assert.Throws<ArgumentException>(() => Runner(new Sales(), new Sales()));
        await Assert.ThrowsAsync<ArgumentException>(() => Runner(new Sales()).WaitForAsync("unheard", LogPosition.Start, Cancellation));
        var unregistered = new ProjectionRunner(Store, new EventSerializer(new EventTypeRegistry()), [new Sales()], Quick);
        await SellAsync(1);
        var failure = await Assert.ThrowsAsync<ConsumerFailedException>(() => unregistered.CatchUpAsync(Cancellation).WaitAsync(Patience, Cancellation));
        Assert.Contains("no such event type is registered", failure.Message, StringComparison.Ordinal);
    }

    private static async Task UntilAsync(Func<Task<bool>> isTrue)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        patience.CancelAfter(Patience);
        while (!await isTrue())
        {
            await Task.Delay(5, patience.Token);
        }
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
