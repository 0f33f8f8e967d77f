using System.Collections.Concurrent;
using Xunit;

namespace EventSourcing.Conformance;

/// <summary>Projections under control: paused, failed, parked, rebuilt beside what serves, shared by several runners.</summary>
public abstract class ControlSuite : ConsumerSuite
{
    [Fact]
    public async Task A_paused_projection_stands_still_until_it_is_resumed()
    {
        var orders = new Orders();
        var runner = Runner(Bound(orders));
        using var stop = new CancellationTokenSource();
        var running = runner.RunAsync(stop.Token);
        await runner.WaitForAsync("orders", await PlaceAsync(1), Cancellation).WaitAsync(Patience, Cancellation);

        await runner.PauseAsync("orders", Cancellation).WaitAsync(Patience, Cancellation);
        var last = await PlaceAsync(2);
        await Task.Delay(300, Cancellation);
        var status = await StatusAsync(runner, "orders");
        Assert.Equal((ConsumerState.Paused, new LogPosition(1), 1), (status.State, status.Position, status.Lag));
        Assert.True(status.LagTime > TimeSpan.FromMilliseconds(100));
        Assert.Single(await AllAsync(orders));

        await runner.ResumeAsync("orders", Cancellation);
        await runner.WaitForAsync("orders", last, Cancellation).WaitAsync(Patience, Cancellation);
        Assert.Equal(2, (await AllAsync(orders)).Count);
        await EndAsync(stop, running);
    }

    [Fact]
    public async Task A_pause_outlives_the_runner()
    {
        await PlaceAsync(1);
        var orders = new Orders();
        using var stop = new CancellationTokenSource();
        var first = Runner(Bound(orders));
        var running = first.RunAsync(stop.Token);
        await first.WaitForAsync("orders", new LogPosition(1), Cancellation).WaitAsync(Patience, Cancellation);
        await first.PauseAsync("orders", Cancellation);
        await EndAsync(stop, running);
        await PlaceAsync(2);

        using var again = new CancellationTokenSource();
        var second = Runner(Bound(orders));
        running = second.RunAsync(again.Token);
        await UntilAsync(async () => (await StatusAsync(second, "orders")) is { State: ConsumerState.Paused, Owners.Count: 1 });
        Assert.Single(await AllAsync(orders));
        await EndAsync(again, running);
    }

    [Fact]
    public async Task A_poison_event_stops_its_projection_until_it_is_resumed()
    {
        await PlaceAsync(1);
        await PlaceAsync(2);
        await PlaceAsync(3);
        var isBroken = true;
        var orders = new Orders(before: envelope => Throw(isBroken && envelope.Stream == "order-2"));
        var healthy = new Orders("healthy");
        var runner = Runner(Bound(orders), Bound(healthy));
        using var stop = new CancellationTokenSource();
        var running = runner.RunAsync(stop.Token);

        var failure = await Assert.ThrowsAsync<ConsumerFailedException>(() =>
            runner.WaitForAsync("orders", new LogPosition(3), Cancellation).WaitAsync(Patience, Cancellation));
        await runner.WaitForAsync("healthy", new LogPosition(3), Cancellation).WaitAsync(Patience, Cancellation);

        Assert.Equal(new LogPosition(2), Assert.IsType<EventHandlingException>(failure.InnerException).Position);
        var status = await StatusAsync(runner, "orders");
        Assert.Equal((ConsumerState.Failed, new LogPosition(1)), (status.State, status.Position));
        Assert.Contains("poison", status.Error, StringComparison.Ordinal);
        await UntilAsync(async () => (await StatusAsync(Runner(Bound(orders)), "orders")).State == ConsumerState.Failed);

        isBroken = false;
        await runner.ResumeAsync("orders", Cancellation);
        await UntilAsync(async () => (await StatusAsync(runner, "orders")) is { State: ConsumerState.Live, Position.Value: 3 });
        Assert.Equal(3, (await AllAsync(orders)).Count);
        await EndAsync(stop, running);
    }

    [Fact]
    public async Task What_has_failed_here_can_be_resumed_before_others_know_of_it()
    {
        await PlaceAsync(1);
        var isBroken = true;
        var board = new MuteBoard(Consumers);
        var orders = Bound(new Orders(before: _ =>
        {
            board.IsMute = true;
            Throw(isBroken);
        }));
        var runner = new ProjectionRunner(Store, Serializer, [orders], Quick, board, Letters);
        using var stop = new CancellationTokenSource();
        var running = runner.RunAsync(stop.Token);
        await UntilAsync(async () => await runner.GetStatusAsync(Cancellation) is [{ State: ConsumerState.Failed }]);

        isBroken = false;
        await runner.ResumeAsync("orders", Cancellation).WaitAsync(Patience, Cancellation);
        board.IsMute = false;

        await UntilAsync(async () =>
        {
            board.IsMute = false;
            return await runner.GetStatusAsync(Cancellation) is [{ State: ConsumerState.Live, Position.Value: 1 }];
        });
        await EndAsync(stop, running);
    }

    [Fact]
    public async Task An_event_whose_class_fails_on_it_is_parked_alone()
    {
        var types = new EventTypeRegistry().Add<OrderPlaced>().Add<OrderPaid>().Add<OrderForgotten>();
        for (var i = 1; i <= 6; i++)
        {
            await PlaceAsync(i, i);
        }

        var converters = new System.Text.Json.JsonSerializerOptions { PropertyNameCaseInsensitive = true, Converters = { new CarelessConverter() } };
        var orders = new Orders();
        var runner = new ProjectionRunner(
            Store, new EventSerializer(types, converters), [Bound(orders)], Quick with { OnPoison = PoisonAction.Park }, Consumers, Letters);

        await runner.CatchUpAsync(Cancellation).WaitAsync(Patience, Cancellation);

        var letter = Assert.Single(await runner.ListDeadLettersAsync("orders", Cancellation));
        Assert.Equal(new LogPosition(4), letter.Position);
        Assert.Contains("The payload of event 'order-placed' at position 4", letter.Error, StringComparison.Ordinal);
        Assert.Equal(5, (await AllAsync(orders)).Count);
    }

    [Fact]
    public async Task A_parked_event_is_gone_past_and_the_others_are_applied()
    {
        for (var i = 1; i <= 10; i++)
        {
            await PlaceAsync(i, i);
        }

        var attempts = 0;
        var orders = new Orders(before: envelope =>
        {
            if (envelope.Stream == "order-7")
            {
                attempts++;
                Throw(true);
            }
        });
        var runner = Runner(Quick with { OnPoison = PoisonAction.Park }, Bound(orders));

        await runner.CatchUpAsync(Cancellation);

        Assert.Equal(9, (await AllAsync(orders)).Count);
        Assert.DoesNotContain("order-7", (await AllAsync(orders)).Keys);
        Assert.InRange(attempts, 3, 4);
        var letter = Assert.Single(await runner.ListDeadLettersAsync("orders", Cancellation));
        Assert.Equal(("orders", new LogPosition(7), "order-placed", 3), (letter.Consumer, letter.Position, letter.EventType, letter.Attempts));
        Assert.Contains("poison", letter.Error, StringComparison.Ordinal);
        Assert.Equal(("orders", 1), Assert.Single(await Letters.CountAsync(Cancellation)) is var count ? (count.Consumer, (int)count.Count) : default);
    }

    [Fact]
    public async Task One_attempt_is_enough_to_park_the_right_event()
    {
        for (var i = 1; i <= 8; i++)
        {
            await PlaceAsync(i, i);
        }

        var orders = new Orders(before: envelope => Throw(envelope.Position.Value is 3 or 4));
        var runner = Runner(Quick with { OnPoison = PoisonAction.Park, MaxAttempts = 1 }, Bound(orders));

        await runner.CatchUpAsync(Cancellation);

        Assert.Equal([3, 4], (await runner.ListDeadLettersAsync("orders", Cancellation)).Select(letter => letter.Position.Value));
        Assert.Equal(6, (await AllAsync(orders)).Count);
    }

    [Fact]
    public async Task A_parked_event_is_tried_again_in_its_place_or_discarded()
    {
        await WriteAsync("order-1", new OrderPlaced("ada", 10), new OrderPaid(1), new OrderPaid(2));
        await PlaceAsync(2);
        var isBroken = true;
        var orders = new Orders(before: envelope => Throw(isBroken && (envelope.Position.Value == 2 || envelope.Stream == "order-2")));
        var runner = Runner(Quick with { OnPoison = PoisonAction.Park }, Bound(orders));
        await runner.CatchUpAsync(Cancellation);
        Assert.Equal(2, (await AllAsync(orders))["order-1"].Paid);
        var letters = await runner.ListDeadLettersAsync("orders", Cancellation);
        Assert.Equal([2, 4], letters.Select(letter => letter.Position.Value));

        await Assert.ThrowsAsync<EventHandlingException>(() => runner.RetryDeadLetterAsync(letters[0], Cancellation));
        Assert.Equal(2, (await runner.ListDeadLettersAsync("orders", Cancellation)).Count);

        isBroken = false;
        Assert.True(await runner.RetryDeadLetterAsync(letters[0], Cancellation));
        Assert.False(await runner.RetryDeadLetterAsync(letters[0], Cancellation));
        Assert.True(await runner.DiscardDeadLetterAsync(letters[1], Cancellation));

        Assert.Equal(3, (await AllAsync(orders))["order-1"].Paid);
        Assert.DoesNotContain("order-2", (await AllAsync(orders)).Keys);
        Assert.Empty(await runner.ListDeadLettersAsync("orders", Cancellation));
    }

    [Fact]
    public async Task A_failure_that_the_application_calls_transient_is_waited_for()
    {
        await PlaceAsync(1);
        var attempts = 0;
        var orders = new Orders(before: _ => Throw(++attempts <= 10));
        var runner = Runner(Quick with { MaxAttempts = 1, IsTransient = failure => failure is NotSupportedException }, Bound(orders));

        await runner.CatchUpAsync(Cancellation);

        Assert.Equal(11, attempts);
        Assert.Single(await AllAsync(orders));
    }

    [Fact]
    public async Task An_unknown_event_type_is_skipped_where_that_is_wanted_and_fails_otherwise()
    {
        await AppendAsync("order-1", ExpectedVersion.Any, NewEvent("unheard"));
        await PlaceAsync(2);
        var seen = new ConcurrentQueue<object>();
        var everything = new Everything(seen);

        var failure = await Assert.ThrowsAsync<ConsumerFailedException>(() => Runner(everything).CatchUpAsync(Cancellation));
        Assert.IsType<UnknownEventTypeException>(failure.InnerException);

        await Runner(Quick with { OnUnknownEvent = UnknownEventAction.Skip }, everything).CatchUpAsync(Cancellation);
        Assert.IsType<OrderPlaced>(Assert.Single(seen));
    }

    [Fact]
    public async Task A_new_version_is_built_beside_and_the_old_one_serves_until_it_has_caught_up()
    {
        for (var i = 1; i <= 20; i++)
        {
            await PlaceAsync(i, i);
        }

        var old = new Orders();
        await Runner(Bound(old)).CatchUpAsync(Cancellation);

        using var goOn = new SemaphoreSlim(0);
        using var halfway = new SemaphoreSlim(0);
        var changed = new Orders(version: 2, factor: 2, before: envelope =>
        {
            if (envelope.Position.Value == 10)
            {
                halfway.Release();
                goOn.Wait(Patience);
            }
        });
        var runner = Runner(Bound(changed));
        using var stop = new CancellationTokenSource();
        var running = runner.RunAsync(stop.Token);
        await halfway.WaitAsync(Patience, Cancellation);

        Assert.Equal(20, (await AllAsync(changed)).Count);
        Assert.Equal(7, (await Views.Open(changed).FindAsync("order-7", Cancellation))!.Total);
        Assert.Equal((1, 2), ((await StatusAsync(runner, "orders")).Version, (await StatusAsync(runner, "orders", ConsumerRole.Building)).Version));

        goOn.Release();
        await UntilAsync(async () => (await StatusAsync(runner, "orders")).Version == 2);
        Assert.Equal(20, (await AllAsync(changed)).Count);
        Assert.Equal(14, (await Views.Open(changed).FindAsync("order-7", Cancellation))!.Total);

        await runner.WaitForAsync("orders", await PlaceAsync(21, 21), Cancellation).WaitAsync(Patience, Cancellation);
        Assert.Equal(42, (await Views.Open(changed).FindAsync("order-21", Cancellation))!.Total);
        await EndAsync(stop, running);
    }

    [Fact]
    public async Task A_rebuild_that_was_interrupted_goes_on_where_it_was()
    {
        for (var i = 1; i <= 20; i++)
        {
            await PlaceAsync(i, i);
        }

        await Runner(Bound(new Orders())).CatchUpAsync(Cancellation);
        using var halfway = new SemaphoreSlim(0);
        using var stop = new CancellationTokenSource();
        var interrupted = Runner(Bound(new Orders(version: 2, factor: 2, before: envelope =>
        {
            if (envelope.Position.Value == 11)
            {
                halfway.Release();
                stop.Token.WaitHandle.WaitOne(Patience);

                // The runner learns of it a little later than this: until then it would take the interruption for a failure.
                Thread.Sleep(200);
                stop.Token.ThrowIfCancellationRequested();
            }
        })));
        var running = interrupted.RunAsync(stop.Token);
        await halfway.WaitAsync(Patience, Cancellation);
        await EndAsync(stop, running);
        var reached = (await StatusAsync(interrupted, "orders", ConsumerRole.Building)).Position;
        Assert.InRange(reached.Value, 1, 10);

        var first = long.MaxValue;
        var resumed = new Orders(version: 2, factor: 2, before: envelope => first = Math.Min(first, envelope.Position.Value));

        // Not catching up: that is over as soon as what serves has caught up, on a busy machine before the rebuild has had its turn.
        using var stopResumed = new CancellationTokenSource();
        var runningAgain = Runner(Bound(resumed)).RunAsync(stopResumed.Token);
        await UntilAsync(async () => (await StatusAsync(interrupted, "orders")).Version == 2);
        await EndAsync(stopResumed, runningAgain);
        Assert.Equal(reached.Value + 1, first);
        Assert.Equal(20, (await AllAsync(resumed)).Count);
        Assert.Equal(40, (await Views.Open(resumed).FindAsync("order-20", Cancellation))!.Total);
    }

    [Fact]
    public async Task A_projection_is_rebuilt_on_request_and_serves_meanwhile()
    {
        for (var i = 1; i <= 10; i++)
        {
            await PlaceAsync(i, i);
        }

        var factor = 1;
        var orders = new Counting(() => factor);
        var runner = Runner(Bound(orders));
        using var stop = new CancellationTokenSource();
        var running = runner.RunAsync(stop.Token);
        await runner.WaitForAsync("counting", new LogPosition(10), Cancellation).WaitAsync(Patience, Cancellation);
        factor = 3;

        await runner.RebuildAsync("counting", Cancellation);

        await UntilAsync(async () =>
        {
            Assert.Equal(10, (await AllAsync(orders)).Count);
            return (await Views.Open(orders).FindAsync("order-5", Cancellation))!.Total == 15;
        });
        Assert.Single(await runner.GetStatusAsync(Cancellation));
        await runner.WaitForAsync("counting", await PlaceAsync(11, 1), Cancellation).WaitAsync(Patience, Cancellation);
        Assert.Equal(11, (await AllAsync(orders)).Count);
        await EndAsync(stop, running);
    }

    [Fact]
    public async Task What_is_rebuilt_while_it_is_paused_stays_paused()
    {
        await PlaceAsync(1, 1);
        var orders = new Orders();
        var runner = Runner(Bound(orders));
        using var stop = new CancellationTokenSource();
        var running = runner.RunAsync(stop.Token);
        await runner.WaitForAsync("orders", new LogPosition(1), Cancellation).WaitAsync(Patience, Cancellation);
        await runner.PauseAsync("orders", Cancellation).WaitAsync(Patience, Cancellation);
        await PlaceAsync(2, 2);

        await runner.RebuildAsync("orders", Cancellation);
        await UntilAsync(async () => (await Consumers.ReadAsync(cancellationToken: Cancellation)).Rows is [{ Key.Generation: 2, Role: ConsumerRole.Serving }]);
        await UntilAsync(async () => (await StatusAsync(runner, "orders")).State == ConsumerState.Paused);
        Assert.Equal(2, (await AllAsync(orders)).Count);

        await runner.ResumeAsync("orders", Cancellation);
        await runner.WaitForAsync("orders", await PlaceAsync(3, 3), Cancellation).WaitAsync(Patience, Cancellation);
        await EndAsync(stop, running);
    }

    [Fact]
    public async Task Runners_share_projections_evenly_and_take_over_at_once_from_one_that_stops()
    {
        var projections = Enumerable.Range(0, 6).Select(i => new Orders($"shared-{i}")).ToArray();
        using var stopFirst = new CancellationTokenSource();
        using var stopSecond = new CancellationTokenSource();
        var first = Runner([.. projections.Select(Bound)]);
        var second = Runner([.. projections.Select(Bound)]);
        var running = new[] { first.RunAsync(stopFirst.Token), second.RunAsync(stopSecond.Token) };

        await UntilAsync(async () =>
        {
            var board = await Consumers.ReadAsync(cancellationToken: Cancellation);
            var held = board.Rows.Where(row => row.IsHeld).GroupBy(row => row.Owner).Select(rows => rows.Count()).ToArray();
            return held is [3, 3];
        });
        var last = await PlaceAsync(1);
        foreach (var projection in projections)
        {
            await second.WaitForAsync(projection.Name, last, Cancellation).WaitAsync(Patience, Cancellation);
        }

        await EndAsync(stopFirst, running[0]);
        last = await PlaceAsync(2);
        foreach (var projection in projections)
        {
            await second.WaitForAsync(projection.Name, last, Cancellation).WaitAsync(Patience, Cancellation);
            Assert.Equal(2, (await AllAsync(projection)).Count);
        }

        await EndAsync(stopSecond, running[1]);
        var after = await Consumers.ReadAsync(cancellationToken: Cancellation);
        Assert.All(after.Rows, row => Assert.Null(row.Owner));
        Assert.Empty(after.Processes);
    }

    [Fact]
    public async Task A_page_under_an_older_epoch_is_refused()
    {
        await PlaceAsync(1);
        await PlaceAsync(2);
        var orders = new Orders();
        await Runner(Bound(orders)).CatchUpAsync(Cancellation);
        var row = Assert.Single((await Consumers.ReadAsync(cancellationToken: Cancellation)).Rows);
        var stale = new ConsumerLease(row.Key, row.Role, row.Epoch - 1);
        var page = new EventPage(row.Position, [], new LogPosition(row.Position.Value + 1));
        var table = Views.Open(orders);

        await Assert.ThrowsAsync<LeaseLostException>(() => table.WriteAsync(
            stale, page, new Dictionary<string, OrderView?> { ["order-1"] = null }, Cancellation));
        await Assert.ThrowsAsync<LeaseLostException>(() => table.WriteAsync(
            stale with { Epoch = row.Epoch },
            page with { From = LogPosition.Start },
            new Dictionary<string, OrderView?> { ["order-1"] = null },
            Cancellation));
        await Assert.ThrowsAsync<LeaseLostException>(() => table.PrepareAsync(stale, Cancellation));

        Assert.Equal(2, (await AllAsync(orders)).Count);
        Assert.Equal(row.Position, Assert.Single((await Consumers.ReadAsync(cancellationToken: Cancellation)).Rows).Position);
    }

    [Fact]
    public async Task One_view_is_not_rebuilt_by_a_version_that_does_not_serve()
    {
        await PlaceAsync(1, 10);
        var changed = new Orders(version: 2, factor: 2);
        await Runner(Bound(changed)).CatchUpAsync(Cancellation);

        await Assert.ThrowsAsync<InvalidOperationException>(() => Runner(Bound(new Orders())).RebuildAsync("orders", "order-1", Cancellation));

        Assert.Equal(20, (await AllAsync(changed))["order-1"].Total);
    }

    [Fact]
    public async Task One_view_of_a_shard_is_rebuilt_to_where_its_shard_is()
    {
        string[] Of(int shard) => [.. Enumerable.Range(1, 40).Select(i => $"order-{i}").Where(name => new StreamShard(shard, 2).Contains(name)).Take(2)];

        foreach (var (ahead, behind) in new[] { (0, 1), (1, 0) })
        {
            var name = $"orders-{ahead}";
            var (poison, other) = (Of(behind)[0], Of(ahead)[0]);
            var isBroken = false;
            var orders = new Orders(name, shards: 2, before: envelope => Throw(isBroken && envelope.Stream == poison && envelope.Event is OrderPaid));
            var runner = Runner(Bound(orders));
            await WriteAsync(poison, new OrderPlaced("ada", 1));
            await runner.CatchUpAsync(Cancellation);
            var before = (await AllAsync(orders))[poison].Paid;
            isBroken = true;
            await WriteAsync(poison, new OrderPaid(1));
            await WriteAsync(other, new OrderPlaced("bob", 1));
            await Assert.ThrowsAsync<ConsumerFailedException>(() => runner.CatchUpAsync(Cancellation));
            using var stop = new CancellationTokenSource();
            var running = Record.ExceptionAsync(() => runner.RunAsync(stop.Token)).AsTask();
            await UntilAsync(async () => (await AllAsync(orders)).ContainsKey(other) && (await StatusAsync(runner, name)).State == ConsumerState.Failed);
            await EndAsync(stop, running);

            isBroken = false;
            await runner.RebuildAsync(name, poison, Cancellation).WaitAsync(TimeSpan.FromSeconds(10), Cancellation);
            Assert.Equal(before, (await AllAsync(orders))[poison].Paid);
            await runner.CatchUpAsync(Cancellation);
            Assert.Equal(before + 1, (await AllAsync(orders))[poison].Paid);
        }
    }

    [Fact]
    public async Task Beginning_and_writing_do_not_wait_for_each_other()
    {
        var orders = new Orders(shards: 2);
        await PlaceAsync(1);
        await Runner(Bound(orders)).CatchUpAsync(Cancellation);
        var table = Views.Open(orders);
        var rows = (await Consumers.ReadAsync(cancellationToken: Cancellation)).Rows;
        var (beginning, writing) = (new ConsumerLease(rows[0].Key, rows[0].Role, rows[0].Epoch), new ConsumerLease(rows[1].Key, rows[1].Role, rows[1].Epoch));
        const int Times = 500;

        await Task.WhenAll(
            Task.Run(
                async () =>
                {
                    for (var i = 0; i < Times; i++)
                    {
                        await table.PrepareAsync(beginning, Cancellation);
                    }
                },
                Cancellation),
            Task.Run(
                async () =>
                {
                    for (var i = 0; i < Times; i++)
                    {
                        await table.WriteAsync(
                            writing, new EventPage(new LogPosition(i + 1), [], new LogPosition(i + 2)), new Dictionary<string, OrderView?> { ["order-1"] = null }, Cancellation);
                    }
                },
                Cancellation)).WaitAsync(Patience, Cancellation);
    }

    [Fact]
    public async Task A_replacement_that_is_refused_again_and_again_is_given_up_loudly()
    {
        await PlaceAsync(1, 10);
        await Runner(Bound(new Orders())).CatchUpAsync(Cancellation);
        var runner = new ProjectionRunner(
            Store, Serializer, [Bound(new Orders(version: 2))], Quick, new Irreplaceable(Consumers), Letters);
        using var stop = new CancellationTokenSource();
        var running = Record.ExceptionAsync(() => runner.RunAsync(stop.Token)).AsTask();

        await UntilAsync(async () => (await runner.GetStatusAsync(Cancellation)).Any(status =>
            status is { Role: ConsumerRole.Building, State: ConsumerState.Failed } && status.Error!.Contains("no right", StringComparison.Ordinal)));
        await EndAsync(stop, running);
    }

    [Fact]
    public async Task A_rebuild_for_a_version_that_has_gone_does_not_stand_in_the_way()
    {
        await PlaceAsync(1, 10);
        var orders = new Orders();
        await Runner(Bound(orders)).CatchUpAsync(Cancellation);
        var newer = Runner(Bound(new Orders(version: 2, before: _ => Throw(true))));
        using (var stopNewer = new CancellationTokenSource())
        {
            var runningNewer = Record.ExceptionAsync(() => newer.RunAsync(stopNewer.Token)).AsTask();
            await UntilAsync(async () => (await newer.GetStatusAsync(Cancellation)).Any(status => status is { Role: ConsumerRole.Building, State: ConsumerState.Failed }));
            await EndAsync(stopNewer, runningNewer);
        }

        var runner = Runner(Bound(orders));
        using var stop = new CancellationTokenSource();
        var running = runner.RunAsync(stop.Token);
        await runner.RebuildAsync("orders", Cancellation);

        await UntilAsync(async () => (await Consumers.ReadAsync(cancellationToken: Cancellation)).Rows is [{ Version: 1, Key.Generation: > 1, Role: ConsumerRole.Serving }]);
        await EndAsync(stop, running);
    }

    [Fact]
    public async Task What_is_not_there_or_not_possible_is_told()
    {
        var runner = Runner(Bound(new Orders()), new Everything([]));

        await Assert.ThrowsAsync<ArgumentException>(() => runner.PauseAsync("unheard", Cancellation));
        await Assert.ThrowsAsync<ArgumentException>(() => runner.RebuildAsync("unheard", Cancellation));
        await Assert.ThrowsAsync<ArgumentException>(() => runner.RebuildAsync("unheard", "key", Cancellation));
        await Assert.ThrowsAsync<InvalidOperationException>(() => runner.PauseAsync("everything", Cancellation));
        await Assert.ThrowsAsync<InvalidOperationException>(() => runner.RebuildAsync("everything", "key", Cancellation));
        await Assert.ThrowsAsync<InvalidOperationException>(() => runner.RebuildAsync("orders", "order-1", Cancellation));
    }

    private static void Throw(bool isWanted)
    {
        if (isWanted)
        {
            throw new NotSupportedException("poison");
        }
    }

    /// <summary>As where the role may write tables, but not rename schemas.</summary>
    private sealed class Irreplaceable(IConsumerStore inner) : IConsumerStore
    {
        public Task<ConsumerBoard> ReadAsync(string? consumer = null, CancellationToken cancellationToken = default) =>
            inner.ReadAsync(consumer, cancellationToken);

        public Task<ConsumerBoard> ChangeAsync(Func<ConsumerBoard, ConsumerBoardChange> change, CancellationToken cancellationToken = default) =>
            inner.ChangeAsync(change, cancellationToken);

        public Task<bool> TryPromoteAsync(string consumer, int generation, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException("no right");
    }

    private sealed class Counting : ViewProjection<OrderView>
    {
        public Counting(Func<int> factor)
            : base("counting") => On<OrderPlaced>((_, placed, context) =>
                new OrderView(placed.Customer, placed.Total * factor(), 0, context.Envelope.Version.Value));
    }

    private sealed class Everything(ConcurrentQueue<object> seen) : IProjection
    {
        private LogPosition position;

        public string Name => "everything";

        public bool IsShared => false;

        public IReadOnlyCollection<Type> EventTypes => [];

        public Task<LogPosition> LoadPositionAsync(ConsumerLease lease, CancellationToken cancellationToken) => Task.FromResult(position);

        public Task ApplyAsync(ConsumerLease lease, EventPage page, CancellationToken cancellationToken)
        {
            foreach (var envelope in page.Events)
            {
                seen.Enqueue(envelope.Event);
            }

            position = page.To;
            return Task.CompletedTask;
        }
    }
}
