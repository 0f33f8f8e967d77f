using System.Threading.Channels;
using Xunit;

namespace EventSourcing.Conformance;

/// <summary>Subscriptions: everything once, in order, from where they are told, and live.</summary>
public abstract class SubscriptionSuite : StoreSuite
{
    [Fact]
    public async Task From_the_start_then_live()
    {
        await AppendAsync("order-1", ExpectedVersion.NoStream, NewEvents(3));
        await using var subscriber = Subscribe();

        Assert.Equal([1L, 2, 3], await subscriber.PositionsAsync(3));
        var caughtUp = await subscriber.NextAsync<CaughtUp>();
        Assert.Equal(new LogPosition(3), caughtUp.Position);

        await AppendAsync("order-1", ExpectedVersion.At(3), NewEvents(2));
        Assert.Equal([4L, 5], await subscriber.PositionsAsync(2));
    }

    [Fact]
    public async Task On_an_empty_log_it_is_caught_up_at_once()
    {
        await using var subscriber = Subscribe();

        Assert.Equal(LogPosition.Start, (await subscriber.NextAsync<CaughtUp>()).Position);
        await AppendAsync("order-1", ExpectedVersion.NoStream, NewEvent());
        Assert.Equal([1L], await subscriber.PositionsAsync(1));
    }

    [Fact]
    public async Task From_a_position_and_from_now()
    {
        await AppendAsync("order-1", ExpectedVersion.NoStream, NewEvents(5));
        await using var fromThree = Subscribe(new SubscriptionOptions { From = Checkpoint.After(new LogPosition(3)) });
        await using var fromNow = Subscribe(new SubscriptionOptions { From = Checkpoint.After((await Store.GetHeadAsync(Cancellation)).Final) });
        await fromNow.NextAsync<CaughtUp>();

        await AppendAsync("order-1", ExpectedVersion.At(5), NewEvent());

        Assert.Equal([4L, 5, 6], await fromThree.PositionsAsync(3));
        Assert.Equal([6L], await fromNow.PositionsAsync(1));
    }

    [Fact]
    public async Task A_checkpoint_kept_as_text_goes_on_exactly_after_its_event()
    {
        await AppendAsync("order-1", ExpectedVersion.NoStream, NewEvents(6));
        string text;
        await using (var first = Subscribe())
        {
            await first.PositionsAsync(2);
            text = (await first.NextAsync<EventReceived>()).Checkpoint.ToString();
        }

        await using var second = Subscribe(new SubscriptionOptions { From = Checkpoint.Parse(text) });
        Assert.Equal([4L, 5, 6], await second.PositionsAsync(3));
    }

    [Fact]
    public async Task Events_that_do_not_pass_the_filter_move_the_checkpoint_only()
    {
        await AppendAsync("order-1", ExpectedVersion.NoStream, NewEvent("placed"), NewEvent("paid"), NewEvent("paid"));
        await using var subscriber = Subscribe(new SubscriptionOptions { Filter = new EventFilter { EventTypes = ["placed"] } });

        Assert.Equal([1L], await subscriber.PositionsAsync(1));
        Assert.Equal(Checkpoint.After(new LogPosition(3)), (await subscriber.NextAsync<Progressed>()).Checkpoint);
        await AppendAsync("order-2", ExpectedVersion.NoStream, NewEvent("placed"));
        Assert.Equal([4L], await subscriber.PositionsAsync(1));
    }

    [Fact]
    public async Task By_tag_from_the_start_then_live()
    {
        EventData Of(string shop) => new(Guid.NewGuid(), "placed", "{}"u8.ToArray(), tags: [Tag.For("shop", shop), "kind:order"]);
        await AppendAsync("order-1", ExpectedVersion.NoStream, Of("a"), Of("b"), NewEvent(), Of("a"));
        await using var subscriber = Subscribe(new SubscriptionOptions { Filter = new EventFilter { Tags = ["kind:order", "shop:a"] } });

        Assert.Equal([1L, 4], await subscriber.PositionsAsync(2));
        await subscriber.NextAsync<CaughtUp>();
        await AppendAsync("order-2", ExpectedVersion.NoStream, Of("b"), NewEvent(), Of("a"));
        Assert.Equal([7L], await subscriber.PositionsAsync(1));
    }

    [Fact]
    public async Task A_subscriber_that_has_caught_up_and_then_has_more_waiting_than_a_page_is_told_so()
    {
        await using var subscriber = Subscribe(new SubscriptionOptions { PageSize = 2 });
        await subscriber.NextAsync<CaughtUp>();

        await AppendAsync("order-1", ExpectedVersion.NoStream, NewEvents(7));

        await subscriber.NextAsync<FellBehind>();
        Assert.Equal([1L, 2, 3, 4, 5, 6, 7], await subscriber.PositionsAsync(7));
        Assert.Equal(new LogPosition(7), (await subscriber.NextAsync<CaughtUp>()).Position);
    }

    [Fact]
    public async Task Cancelling_ends_it_promptly()
    {
        using var stop = new CancellationTokenSource();
        var enumerating = Task.Run(
            async () =>
            {
                await foreach (var _ in Store.SubscribeAsync(cancellationToken: stop.Token))
                {
                }
            },
            Cancellation);
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => enumerating.WaitAsync(Patience, Cancellation));
    }

    [Fact]
    public async Task A_checkpoint_beyond_the_end_of_the_log_is_refused()
    {
        await AppendAsync("order-1", ExpectedVersion.NoStream, NewEvents(2));

        var refusal = await Assert.ThrowsAsync<CheckpointAheadOfLogException>(async () =>
            await Store.SubscribeAsync(new SubscriptionOptions { From = Checkpoint.After(new LogPosition(3)) }, Cancellation).FirstAsync(Cancellation));

        Assert.Equal(new LogPosition(2), refusal.Head);
    }

    [Fact]
    public async Task Many_subscribers_see_every_event_once_and_in_order_while_many_write()
    {
        const int Writers = 8;
        const int Appends = 50;
        var subscribers = Enumerable.Range(0, 4).Select(i => Subscribe(new SubscriptionOptions { PageSize = 1 + (i * 20) })).ToArray();
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(
            async () =>
            {
                for (var i = 0; i < Appends; i++)
                {
                    await AppendAsync(StreamName.For("writer", writer), ExpectedVersion.At(i * 2), NewEvents(2));
                }
            },
            Cancellation)));

        var stored = (await ReadLogAsync()).Select(recorded => recorded.Position.Value).ToList();
        Assert.Equal(Writers * Appends * 2, stored.Count);
        foreach (var subscriber in subscribers)
        {
            Assert.Equal(stored, await subscriber.PositionsAsync(stored.Count));
            await subscriber.DisposeAsync();
        }
    }

    [Fact]
    public async Task Waiting_for_an_append_ends_at_once_where_there_is_one_and_otherwise_with_the_next()
    {
        await AppendAsync("order-1", ExpectedVersion.NoStream, NewEvent());
        await Store.WaitForAppendAsync(LogPosition.Start, Cancellation).WaitAsync(Patience, Cancellation);

        var waiting = Store.WaitForAppendAsync(new LogPosition(1), Cancellation);
        await AppendAsync("order-2", ExpectedVersion.NoStream, NewEvent());
        await waiting.WaitAsync(Patience, Cancellation);

        using var stop = new CancellationTokenSource();
        var cancelled = Store.WaitForAppendAsync(new LogPosition(2), stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled.WaitAsync(Patience, Cancellation));
    }

    [Fact]
    public async Task Catching_up_and_falling_behind_are_said_once_for_each_time()
    {
        await using var subscriber = Subscribe(new SubscriptionOptions { PageSize = 2 });
        Assert.Equal([nameof(CaughtUp)], await subscriber.KindsAsync(1));
        for (var i = 0; i < 3; i++)
        {
            await AppendAsync("order-1", ExpectedVersion.At(i), NewEvent());
            Assert.Equal([nameof(EventReceived)], await subscriber.KindsAsync(1));
        }

        await AppendAsync("order-1", ExpectedVersion.At(3), NewEvents(5));

        Assert.Equal(
            [nameof(FellBehind), .. Enumerable.Repeat(nameof(EventReceived), 5), nameof(CaughtUp)], await subscriber.KindsAsync(7));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(6)]
    public async Task A_last_page_that_is_just_full_is_the_end_too(int pageSize)
    {
        await AppendAsync("order-1", ExpectedVersion.NoStream, NewEvents(6));
        await using var subscriber = Subscribe(new SubscriptionOptions { PageSize = pageSize });

        Assert.Equal([1L, 2, 3, 4, 5, 6], await subscriber.PositionsAsync(6));
        Assert.Equal(new LogPosition(6), (await subscriber.NextAsync<CaughtUp>()).Position);
    }

    [Fact]
    public async Task Every_message_says_where_to_go_on()
    {
        await AppendAsync("order-1", ExpectedVersion.NoStream, NewEvent("placed"), NewEvent("paid"), NewEvent("placed"), NewEvent("paid"), NewEvent("paid"));
        var filter = new EventFilter { EventTypes = ["placed"] };
        var messages = new List<SubscriptionMessage>();
        await foreach (var message in Store.SubscribeAsync(new SubscriptionOptions { Filter = filter }, Cancellation))
        {
            messages.Add(message);
            if (message is CaughtUp)
            {
                break;
            }
        }

        var later = (await AppendAsync("order-2", ExpectedVersion.NoStream, NewEvent("placed"))).Position.Value;
        foreach (var message in messages)
        {
            var from = Checkpoint.Parse(message.Checkpoint.ToString());
            await using var subscriber = Subscribe(new SubscriptionOptions { From = from, Filter = filter });
            Assert.Equal(message is EventReceived { Event.Position.Value: 1 } ? 3 : later, (await subscriber.PositionsAsync(1))[0]);
        }
    }

    [Fact]
    public async Task Cancelling_takes_effect_within_a_page()
    {
        await AppendAsync("order-1", ExpectedVersion.NoStream, NewEvents(50));
        using var stop = new CancellationTokenSource();
        var seen = 0;

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var message in Store.SubscribeAsync(cancellationToken: stop.Token))
            {
                seen++;
                await stop.CancelAsync();
            }
        });

        Assert.Equal(1, seen);
    }

    [Fact]
    public async Task A_subscriber_that_stops_and_goes_on_again_and_again_sees_every_event_once_while_many_write()
    {
        const int Writers = 6;
        const int Appends = 40;
        var writing = Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(
            async () =>
            {
                for (var i = 0; i < Appends; i++)
                {
                    await AppendAsync(StreamName.For(writer % 2 == 0 ? "even" : "odd", writer), ExpectedVersion.At(i * 2), NewEvent("placed"), NewEvent("paid"));
                }
            },
            Cancellation)));
        var filter = new EventFilter { Categories = ["even"], EventTypes = ["paid"] };
        var seen = new List<long>();
        var from = Checkpoint.Start.ToString();
        while (seen.Count < Writers / 2 * Appends)
        {
            var taken = 0;
            await foreach (var message in Store.SubscribeAsync(new SubscriptionOptions { From = Checkpoint.Parse(from), Filter = filter, PageSize = 5 }, Cancellation))
            {
                from = message.Checkpoint.ToString();
                if (message is EventReceived received)
                {
                    seen.Add(received.Event.Position.Value);
                    if (++taken == 3 || seen.Count == Writers / 2 * Appends)
                    {
                        break;
                    }
                }
            }
        }

        await writing.WaitAsync(Patience, Cancellation);
        Assert.Equal((await ReadLogAsync(new LogReadOptions { Filter = filter })).Select(recorded => recorded.Position.Value), seen);
    }

    [Fact]
    public async Task Everyone_who_waits_for_an_append_is_woken()
    {
        var waiting = Enumerable.Range(0, 20).Select(_ => Store.WaitForAppendAsync(LogPosition.Start, Cancellation)).ToArray();

        await AppendAsync("order-1", ExpectedVersion.NoStream, NewEvent());

        await Task.WhenAll(waiting).WaitAsync(Patience, Cancellation);
    }

    private Subscriber Subscribe(SubscriptionOptions? options = null) => new(Store, options ?? new SubscriptionOptions());

    /// <summary>A running subscription whose messages are taken one by one.</summary>
    private sealed class Subscriber : IAsyncDisposable
    {
        private readonly CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        private readonly Channel<SubscriptionMessage> messages = Channel.CreateUnbounded<SubscriptionMessage>();
        private readonly Task running;

        public Subscriber(IEventStore store, SubscriptionOptions options) => running = Task.Run(async () =>
        {
            try
            {
                await foreach (var message in store.SubscribeAsync(options, stop.Token))
                {
                    messages.Writer.TryWrite(message);
                }
            }
            catch (Exception failure)
            {
                messages.Writer.TryComplete(failure);
            }
        });

        /// <summary>The next message of a kind; the others before it are dropped, except that no event may be.</summary>
        public async Task<TMessage> NextAsync<TMessage>()
            where TMessage : SubscriptionMessage
        {
            while (true)
            {
                var message = await messages.Reader.ReadAsync(Cancellation).AsTask().WaitAsync(Patience, Cancellation);
                if (message is TMessage wanted)
                {
                    return wanted;
                }

                Assert.IsNotType<EventReceived>(message);
            }
        }

        public async Task<List<string>> KindsAsync(int count)
        {
            var kinds = new List<string>();
            while (kinds.Count < count)
            {
                kinds.Add((await messages.Reader.ReadAsync(Cancellation).AsTask().WaitAsync(Patience, Cancellation)).GetType().Name);
            }

            return kinds;
        }

        public async Task<List<long>> PositionsAsync(int count)
        {
            var positions = new List<long>();
            while (positions.Count < count)
            {
                positions.Add((await NextAsync<EventReceived>()).Event.Position.Value);
            }

            return positions;
        }

        public async ValueTask DisposeAsync()
        {
            await stop.CancelAsync();
            await running;
            stop.Dispose();
        }
    }
}
