using System.Collections.Concurrent;
using Xunit;

namespace EventSourcing.Conformance;

/// <summary>Reactors that react to events: where they begin, what a crash repeats, what they send, who shares them.</summary>
public abstract class ReactorSuite : ReactorFixture
{
    [Fact]
    public async Task Begins_with_what_comes_from_now_on_unless_told_otherwise()
    {
        await OrderAsync(1, 2);
        var runner = Runner(new Shop(Effects, startsNow: true));
        await runner.CatchUpAsync(Cancellation);
        Assert.Empty(Effects);

        await OrderAsync(3);
        await runner.CatchUpAsync(Cancellation);

        Assert.Equal([3], Numbers());
    }

    [Fact]
    public async Task Begins_after_a_stated_position()
    {
        await OrderAsync(1, 2, 3);

        await Runner(new Shop(Effects, new LogPosition(1))).CatchUpAsync(Cancellation);

        Assert.Equal([2, 3], Numbers());
    }

    [Fact]
    public async Task Where_it_begins_matters_only_the_first_time()
    {
        await OrderAsync(1, 2);
        await Runner(new Shop(Effects)).CatchUpAsync(Cancellation);
        await OrderAsync(3);

        await Runner(new Shop(Effects, startsNow: true)).CatchUpAsync(Cancellation);
        await Runner(new Shop(Effects)).CatchUpAsync(Cancellation);

        Assert.Equal([1, 2, 3], Numbers());
    }

    [Fact]
    public async Task Handles_each_event_once_while_it_follows()
    {
        var runner = Runner(new Shop(Effects));
        await using var run = Run(runner);
        for (var i = 0; i < 30; i++)
        {
            await OrderAsync(i);
            await AppendAsync("other-1", ExpectedVersion.Any, NewEvent("unheard"));
        }

        await runner.WaitForAsync("Shop: mails", new LogPosition(await HeadAsync()), Cancellation).WaitAsync(Patience, Cancellation);

        Assert.Equal(Enumerable.Range(0, 30), Numbers());
        var status = Assert.Single(await runner.GetStatusAsync(Cancellation));
        Assert.Equal((await HeadAsync(), 0, ConsumerRole.Serving), (status.Position.Value, status.Lag, status.Role));
    }

    [Fact]
    public async Task A_crash_between_effect_and_receipt_repeats_that_effect_alone_and_with_its_key()
    {
        await OrderAsync(1, 2, 3, 4, 5);
        var broken = new ReactorStoreProxy(State.Reactors, outcome =>
        {
            if (outcome.Position == new LogPosition(3))
            {
                throw new InvalidOperationException("the process is gone");
            }
        });
        await Assert.ThrowsAsync<ConsumerFailedException>(() =>
            Runner([new Shop(Effects)], options: Quick with { MaxAttempts = 1 }, reactors: broken).CatchUpAsync(Cancellation));
        Assert.Equal([1, 2, 3], Numbers());

        await Runner(new Shop(Effects)).CatchUpAsync(Cancellation);

        Assert.Equal([1, 2, 3, 3, 4, 5], Numbers());
        var third = Effects.Where(effect => effect.Number == 3).ToArray();
        Assert.Equal(third[0], third[1]);
        Assert.Equal(5, Effects.Select(effect => effect.Key).Distinct().Count());
        Assert.Equal(5, Effects.Select(effect => effect.Id).Distinct().Count());
        var events = await ReadLogAsync();
        Assert.Equal($"Shop: mails/{events[2].Id}", third[0].Key);
    }

    [Fact]
    public async Task Commands_carry_the_conversation_and_an_id_that_stays()
    {
        await AppendAsync(
            "order-1",
            ExpectedVersion.Any,
            Serializer.Serialize(new Ordered(1), new EventMetadata { CorrelationId = "conversation" }),
            Serializer.Serialize(new Ordered(2)));
        var ledger = new CommandLedger();
        var failures = 0;
        var shop = new Shop(Effects, onOrdered: async (ordered, context) =>
        {
            await context.SendAsync($"first of {ordered.Number}");
            await context.SendAsync($"second of {ordered.Number}");
            if (ordered.Number == 1 && failures++ == 0)
            {
                throw new TimeoutException("passing");
            }
        });

        await Runner([shop], commands: ledger).CatchUpAsync(Cancellation);

        var events = await ReadLogAsync();
        Assert.Equal(["first of 1", "second of 1", "first of 1", "second of 1", "first of 2", "second of 2"], ledger.Sent.Select(sent => sent.Command));
        var contexts = ledger.Sent.Select(sent => sent.Context).ToArray();
        Assert.All(contexts[..4], context => Assert.Equal(("conversation", events[0].Id.ToString()), (context.CorrelationId, context.CausationId)));
        Assert.All(contexts[4..], context => Assert.Equal((events[1].Id.ToString(), events[1].Id.ToString()), (context.CorrelationId, context.CausationId)));
        Assert.Equal(contexts[..2].Select(context => context.CommandId), contexts[2..4].Select(context => context.CommandId));
        Assert.Equal(4, contexts.Select(context => context.CommandId).Distinct().Count());
    }

    [Fact]
    public async Task Members_of_a_group_keep_the_order_of_each_stream()
    {
        const int Streams = 20;
        const int PerStream = 10;
        var atOnce = new ConcurrentDictionary<string, int>();
        var shop = new Shop(Effects, shards: 4, onOrdered: async (_, context) =>
        {
            Assert.Equal(1, atOnce.AddOrUpdate(context.Envelope.Stream.Value, 1, (_, count) => count + 1));
            await Task.Yield();
            atOnce[context.Envelope.Stream.Value] = 0;
        });
        for (var i = 0; i < PerStream; i++)
        {
            for (var stream = 0; stream < Streams; stream++)
            {
                await AppendAsync(StreamName.For("order", stream), ExpectedVersion.Any, Serializer.Serialize(new Ordered(i)));
            }
        }

        await Runner(shop).CatchUpAsync(Cancellation);

        var streams = Effects.GroupBy(effect => effect.Stream).ToArray();
        Assert.Equal(Streams, streams.Length);
        Assert.All(streams, stream => Assert.Equal(Enumerable.Range(0, PerStream), stream.Select(effect => effect.Number)));
        Assert.Equal(4, (await State.Consumers.ReadAsync("Shop: mails", Cancellation)).Rows.Count);
    }

    [Fact]
    public async Task Two_runners_share_a_group_and_each_event_is_handled_by_one()
    {
        const int Streams = 40;
        var (first, second) = (new ConcurrentQueue<Effect>(), new ConcurrentQueue<Effect>());
        var runners = new[] { Runner(new Shop(first, shards: 4)), Runner(new Shop(second, shards: 4)) };
        await using var one = Run(runners[0]);
        await using var two = Run(runners[1]);
        await UntilAsync(async () =>
        {
            var rows = (await State.Consumers.ReadAsync("Shop: mails", Cancellation)).Rows;
            return rows.Where(row => row.IsHeld).GroupBy(row => row.Owner).Count() == 2 && rows.Count(row => row.IsHeld) == 4;
        });
        for (var i = 0; i < 3; i++)
        {
            for (var stream = 0; stream < Streams; stream++)
            {
                await AppendAsync(StreamName.For("order", stream), ExpectedVersion.Any, Serializer.Serialize(new Ordered((i * Streams) + stream)));
            }
        }

        await runners[0].WaitForAsync("Shop: mails", new LogPosition(await HeadAsync()), Cancellation).WaitAsync(Patience, Cancellation);

        Assert.NotEmpty(first);
        Assert.NotEmpty(second);
        Assert.Equal(Enumerable.Range(0, 3 * Streams), first.Concat(second).Select(effect => effect.Number).Order());
    }

    [Fact]
    public async Task Divided_anew_it_repeats_nothing()
    {
        for (var stream = 0; stream < 30; stream++)
        {
            await AppendAsync(StreamName.For("order", stream), ExpectedVersion.Any, Serializer.Serialize(new Ordered(stream)));
        }

        // One shard stays behind at its first event; the others are done.
        var broken = new ReactorStoreProxy(State.Reactors, outcome =>
        {
            if (outcome.Position == new LogPosition(1))
            {
                throw new InvalidOperationException("the process is gone");
            }
        });
        var failing = Runner([new Shop(Effects, shards: 4)], options: Quick with { MaxAttempts = 1 }, reactors: broken);
        await using (Run(failing))
        {
            await UntilAsync(async () => (await State.Consumers.ReadAsync("Shop: mails", Cancellation)).Rows.Count(row => row.Position == new LogPosition(30)) == 3
                && Effects.Any(effect => effect.Number == 0));
        }

        await Runner(new Shop(Effects, shards: 3)).CatchUpAsync(Cancellation).WaitAsync(Patience, Cancellation);

        // Only the effect whose receipt was lost comes twice.
        Assert.Equal(Enumerable.Range(0, 30).Append(0).Order(), Effects.Select(effect => effect.Number).Order());
        Assert.Equal(3, (await State.Consumers.ReadAsync("Shop: mails", Cancellation)).Rows.Count);
    }

    [Fact]
    public async Task A_projection_that_is_built_anew_calls_no_reactor()
    {
        await OrderAsync(1, 2, 3);
        await Runner(new Shop(Effects)).CatchUpAsync(Cancellation);
        var seen = new ConcurrentQueue<int>();
        var projections = new ProjectionRunner(Store, Serializer, [new SharedOrders(State, seen)], Quick, State.Consumers);
        await projections.CatchUpAsync(Cancellation);
        var runner = Runner(new Shop(Effects));
        await using var run = Run(runner);
        await using var projecting = new RunUnderWay(projections.RunAsync);

        await projections.RebuildAsync("orders", Cancellation);
        await UntilAsync(() => Task.FromResult(seen.Count == 6));
        await runner.WaitForAsync("Shop: mails", await OrderAsync(4), Cancellation).WaitAsync(Patience, Cancellation);

        Assert.Equal([1, 2, 3, 4], Numbers());
    }

    [Fact]
    public async Task Only_running_effects_again_repeats_them()
    {
        await OrderAsync(1, 2, 3, 4);
        var runner = Runner(new Shop(Effects));
        await Assert.ThrowsAsync<InvalidOperationException>(() => runner.RunEffectsAgainAsync("Shop: mails", LogPosition.Start, Cancellation));
        await using var run = Run(runner);
        await runner.WaitForAsync("Shop: mails", new LogPosition(4), Cancellation).WaitAsync(Patience, Cancellation);

        await runner.RunEffectsAgainAsync("Shop: mails", new LogPosition(2), Cancellation);
        await runner.WaitForAsync("Shop: mails", new LogPosition(4), Cancellation).WaitAsync(Patience, Cancellation);

        Assert.Equal([1, 2, 3, 4, 3, 4], Numbers());
        Assert.Equal(4, Effects.Select(effect => effect.Key).Distinct().Count());
    }

    [Fact]
    public async Task Pauses_over_restarts_and_goes_on()
    {
        var runner = Runner(new Shop(Effects));
        await using (Run(runner))
        {
            await runner.WaitForAsync("Shop: mails", await OrderAsync(1), Cancellation).WaitAsync(Patience, Cancellation);
            await runner.PauseAsync("Shop: mails", Cancellation);
        }

        var later = Runner(new Shop(Effects));
        await using var run = Run(later);
        var last = await OrderAsync(2);
        await UntilAsync(async () => (await later.GetStatusAsync(Cancellation))[0].State == ConsumerState.Paused);
        Assert.Equal([1], Numbers());

        await later.ResumeAsync("Shop: mails", Cancellation);
        await later.WaitForAsync("Shop: mails", last, Cancellation).WaitAsync(Patience, Cancellation);
        Assert.Equal([1, 2], Numbers());
    }

    [Fact]
    public async Task An_outage_met_by_a_command_is_waited_for_without_counting()
    {
        await OrderAsync(1);
        var outages = 0;
        var shop = new Shop(Effects, onOrdered: (_, _) =>
            outages++ < 10 ? throw new EventStoreUnavailableException("down") : Task.CompletedTask);

        await Runner(shop).CatchUpAsync(Cancellation);

        Assert.Equal(11, Effects.Count);
    }

    [Fact]
    public async Task Receipts_are_forgotten_only_when_they_are_old_and_passed()
    {
        await OrderAsync(1, 2, 3);
        await Runner(new Shop(Effects)).CatchUpAsync(Cancellation);

        await State.Reactors.PruneReceiptsAsync("Shop: mails", TimeSpan.FromDays(1), Cancellation);
        Assert.Equal(3, (await State.Reactors.FindReceiptsAsync("Shop: mails", LogPosition.Start, new LogPosition(3), Cancellation)).Count);
        await Task.Delay(5, Cancellation);
        await State.Reactors.PruneReceiptsAsync("Shop: mails", TimeSpan.Zero, Cancellation);
        Assert.Empty(await State.Reactors.FindReceiptsAsync("Shop: mails", LogPosition.Start, new LogPosition(3), Cancellation));
    }

    [Fact]
    public void Mistakes_are_told_at_once()
    {
        Assert.Throws<ArgumentException>(() => Runner(new Shop(Effects), new Shop(Effects)));
        Assert.Throws<ArgumentException>(() => Runner(new Idle()));
    }

    private sealed class Idle() : Reactor("idle");

    /// <summary>A projection under a lease, whose read model is a list of all that it was ever shown.</summary>
    private sealed class SharedOrders(ReactorState state, ConcurrentQueue<int> seen) : IProjection
    {
        public string Name => "orders";

        public IReadOnlyCollection<Type> EventTypes => [typeof(Ordered)];

        public async Task<LogPosition> LoadPositionAsync(ConsumerLease lease, CancellationToken cancellationToken) =>
            (await state.Reactors.LoadAsync(lease, cancellationToken)).Position;

        public Task ApplyAsync(ConsumerLease lease, EventPage page, CancellationToken cancellationToken)
        {
            foreach (var envelope in page.Events)
            {
                seen.Enqueue(((Ordered)envelope.Event).Number);
            }

            return state.Reactors.MoveAsync(lease, page, outcome: null, cancellationToken);
        }
    }
}
