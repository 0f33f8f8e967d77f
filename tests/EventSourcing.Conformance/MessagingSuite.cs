using System.Diagnostics;
using System.Text;
using Xunit;

namespace EventSourcing.Conformance;

/// <summary>Public messages from the event to the broker: translated, kept in the outbox, relayed.</summary>
public abstract class MessagingSuite : ConsumerSuite
{
    private static readonly ConsumerKey Relay = new(PublicMessageRunner.RelayName, 1, StreamShard.All);

    private readonly RecordingPublisher broker = new();
    private IOutbox? outbox;

    /// <summary>The outbox beside the test's consumer store.</summary>
    protected abstract IOutbox OutboxBeside(IConsumerStore consumers);

    private IOutbox Outbox => outbox ??= OutboxBeside(Consumers);

    private static OrderMessages FromStart => new(startAfter: LogPosition.Start);

    [Fact]
    public async Task An_event_becomes_the_message_that_its_translator_makes_of_it()
    {
        var correlated = new EventMetadata { CorrelationId = "checkout", TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" };
        await AppendAsync("order-1", ExpectedVersion.Any, Serializer.Serialize(new OrderPlaced("ada", 7.5m), correlated));
        await RelayAllAsync(FromStart);

        var recorded = Assert.Single(await ReadLogAsync());
        var message = Assert.Single(broker.Taken);
        Assert.Equal(("shop.order.placed", "order-placed.v1"), (message.Topic, message.Type));
        Assert.Equal("""{"buyer":"ada","sum":7.5}""", Encoding.UTF8.GetString(message.Body.Span));
        Assert.Equal(("order-1", "checkout", recorded.Id.ToString()), (message.Key, message.CorrelationId, message.CausationId));
        Assert.Equal((correlated.TraceParent, recorded.RecordedAt), (message.TraceParent, message.OccurredAt));
        Assert.Empty(message.Headers);
        Assert.Equal(Assert.Single(FromStart.Translate(Serializer.Deserialize(recorded))).Id, message.Id);
    }

    [Fact]
    public async Task An_event_may_become_several_messages_or_none_and_each_arrives_with_everything_it_carries()
    {
        await WriteAsync("order-1", new OrderPaid(0), new OrderForgotten());
        await WriteAsync("shop", new CustomersGreeted(["ada", "bo", "cy"]));
        await RelayAllAsync(FromStart);

        var translated = FromStart.Translate(Serializer.Deserialize((await ReadLogAsync())[^1]));
        Assert.Equal(["ada", "bo", "cy"], broker.Taken.Select(message => message.Key));
        Assert.Equal(3, broker.Taken.Select(message => message.Id).Distinct().Count());
        foreach (var (expected, actual) in translated.Zip(broker.Taken))
        {
            Assert.Equal(expected.Body.ToArray(), actual.Body.ToArray());
            Assert.Equal(expected.Headers, actual.Headers);
            Assert.Equal(expected.OccurredAt.Offset, actual.OccurredAt.Offset);
            Assert.Equal((expected.Id, expected.Topic, expected.Type, expected.OccurredAt), (actual.Id, actual.Topic, actual.Type, actual.OccurredAt));
            Assert.Equal(("greeting", "greetings", null), (actual.CausationId, actual.CorrelationId, actual.TraceParent));
        }
    }

    [Fact]
    public async Task A_translator_begins_now_where_it_is_not_told_otherwise()
    {
        await PlaceAsync(1);
        var second = await PlaceAsync(2);
        var runner = Messages(new OrderMessages(), new OrderMessages("since", startAfter: new LogPosition(1)));
        using var stop = new CancellationTokenSource();
        var running = runner.RunAsync(stop.Token);
        await WaitAsync(runner, second);
        await WaitAsync(runner, await PlaceAsync(3));
        await EndAsync(stop, running);

        Assert.Equal(["order-2", "order-3", "order-3"], broker.Taken.Select(message => message.Key).Order());

        // It goes on where it was, and not from now.
        await PlaceAsync(4);
        await RelayAllAsync(new OrderMessages());
        Assert.Equal("order-4", broker.Taken[^1].Key);
    }

    [Fact]
    public async Task Messages_go_out_in_the_order_of_the_log_or_of_each_stream_where_there_are_shards()
    {
        for (var i = 0; i < 30; i++)
        {
            await PlaceAsync(i % 5, i);
        }

        await RelayAllAsync(FromStart, new OrderMessages("sharded", LogPosition.Start, shards: 3));

        var ids = (await ReadLogAsync()).ToDictionary(one => one.Id.ToString(), one => one.Position);
        var alone = FromStart;
        var ofOne = (await ReadLogAsync()).SelectMany(one => alone.Translate(Serializer.Deserialize(one))).Select(message => message.Id).ToArray();
        Assert.Equal(ofOne, broker.Taken.Select(message => message.Id).Where(ofOne.Contains));
        var sharded = broker.Taken.Where(message => !ofOne.Contains(message.Id)).ToArray();
        Assert.Equal(30, sharded.Length);
        foreach (var stream in sharded.GroupBy(message => message.Key))
        {
            var positions = stream.Select(message => ids[message.CausationId!]).ToArray();
            Assert.Equal(positions.Order(), positions);
        }
    }

    [Fact]
    public async Task Messages_and_checkpoint_are_written_together_or_not_at_all()
    {
        await PlaceAsync(1);
        var message = Assert.Single(FromStart.Translate(Serializer.Deserialize(Assert.Single(await ReadLogAsync()))));
        var key = new ConsumerKey("order-messages", 1, StreamShard.All);
        var lease = await TakeAsync(key);
        var page = new EventPage(LogPosition.Start, [], new LogPosition(1));

        await Assert.ThrowsAsync<LeaseLostException>(() => Outbox.WriteAsync(lease with { Epoch = lease.Epoch - 1 }, page, [message], Cancellation));
        await Assert.ThrowsAsync<LeaseLostException>(() =>
            Outbox.WriteAsync(lease, page with { From = new LogPosition(1), To = new LogPosition(2) }, [message], Cancellation));
        Assert.Equal((0, LogPosition.Start), ((await Outbox.ReadBacklogAsync(Cancellation)).Waiting, await Outbox.LoadPositionAsync(lease, Cancellation)));

        await Outbox.WriteAsync(lease, page, [message], Cancellation);
        Assert.Equal((1, page.To), ((await Outbox.ReadBacklogAsync(Cancellation)).Waiting, await Outbox.LoadPositionAsync(lease, Cancellation)));

        // What was translated before, as after a change of the shards, is there once.
        await Outbox.WriteAsync(lease, new EventPage(page.To, [], new LogPosition(2)), [message], Cancellation);
        Assert.Equal(1, (await Outbox.ReadBacklogAsync(Cancellation)).Waiting);
    }

    [Fact]
    public async Task Who_has_lost_the_lease_neither_reads_nor_changes_the_outbox()
    {
        await FillAsync(1, 2);
        var lease = await TakeAsync(Relay);
        var stale = lease with { Epoch = lease.Epoch - 1 };
        var number = (await Outbox.ReadAsync(lease, 10, Cancellation))[0].Number;

        await Assert.ThrowsAsync<LeaseLostException>(() => Outbox.ReadAsync(stale, 10, Cancellation));
        await Assert.ThrowsAsync<LeaseLostException>(() => Outbox.RemoveAsync(stale, [number], Cancellation));
        await Assert.ThrowsAsync<LeaseLostException>(() => Outbox.ParkAsync(stale, number, "error", 1, Cancellation));
        Assert.Equal(2, (await Outbox.ReadAsync(lease, 10, Cancellation)).Count);

        await Outbox.RemoveAsync(lease, [number], Cancellation);
        Assert.Single(await Outbox.ReadAsync(lease, 10, Cancellation));
        await Outbox.RemoveAsync(lease, [number + 1], Cancellation);
        Assert.Empty(await Outbox.ReadAsync(lease, 10, Cancellation));
    }

    [Fact]
    public async Task What_was_written_and_not_published_before_a_crash_goes_out_afterwards_with_the_same_ids()
    {
        var expected = await FillAsync(1, 2, 3);

        // The process is gone, and its successor has another translator that would make nothing of these events.
        await RelayAllAsync(new OrderMessages("another"));

        Assert.Equal(expected, broker.Taken.Select(message => message.Id));
        Assert.Equal(0, (await Outbox.ReadBacklogAsync(Cancellation)).Waiting);
    }

    [Fact]
    public async Task What_was_published_and_not_removed_goes_out_again_with_the_same_ids()
    {
        var expected = await FillAsync(1, 2, 3);
        var crashes = 1;
        broker.After = _ => Interlocked.Decrement(ref crashes) == 0 ? throw new MessagePublishingException("The connection was lost.") : Task.CompletedTask;

        await RelayAllAsync(FromStart);

        Assert.Equal([.. expected, .. expected], broker.Taken.Select(message => message.Id));
    }

    [Fact]
    public async Task A_broker_that_is_away_is_waited_for_and_nothing_is_lost_or_overtaken()
    {
        var isAway = true;
        broker.Before = _ => Volatile.Read(ref isAway) ? throw new MessagePublishingException("The broker is away.") : Task.CompletedTask;
        var runner = Messages(FromStart);
        using var stop = new CancellationTokenSource();
        var running = runner.RunAsync(stop.Token);
        for (var i = 1; i <= 10; i++)
        {
            await PlaceAsync(i);
        }

        await UntilAsync(async () => await runner.GetStatusAsync(Cancellation) is { Relay: ConsumerState.Retrying, Backlog: 10 });
        var status = await runner.GetStatusAsync(Cancellation);
        Assert.Contains("away", status.RelayError, StringComparison.Ordinal);
        Assert.NotNull(status.RelayOwner);
        Assert.True(status.BacklogAge > TimeSpan.Zero);
        Assert.Equal(("order-messages", new LogPosition(10)), (status.Translators[0].Name, status.Translators[0].Position));

        Volatile.Write(ref isAway, false);
        await WaitAsync(runner, new LogPosition(10));
        Assert.Equal(Enumerable.Range(1, 10).Select(i => $"order-{i}"), broker.Taken.Select(message => message.Key));
        await UntilAsync(async () => await runner.GetStatusAsync(Cancellation) is { Relay: ConsumerState.Live, Backlog: 0, BacklogAge.Ticks: 0, RelayError: null });
        await EndAsync(stop, running);
    }

    [Fact]
    public async Task A_message_that_the_broker_refuses_stops_the_relay_until_it_is_resumed()
    {
        await FillAsync(1, 2, 3);
        var isRefused = true;
        var attempts = 0;
        broker.Refuse = message => isRefused && message.Key == "order-2" && ++attempts > 0;
        var runner = Messages(FromStart);
        using var stop = new CancellationTokenSource();
        var running = runner.RunAsync(stop.Token);

        var failure = await Assert.ThrowsAsync<ConsumerFailedException>(() => WaitAsync(runner, new LogPosition(3)));
        Assert.Contains("shop.order.placed", failure.Message, StringComparison.Ordinal);
        Assert.Equal(3, attempts);
        Assert.Equal(["order-1", "order-1"], broker.Taken.Select(message => message.Key));
        Assert.Equal((ConsumerState.Failed, 2, 0), await runner.GetStatusAsync(Cancellation) is var status ? (status.Relay, status.Backlog, status.Parked) : default);

        isRefused = false;
        await runner.ResumeAsync(PublicMessageRunner.RelayName, Cancellation);
        await UntilAsync(async () => (await runner.GetStatusAsync(Cancellation)).Backlog == 0);
        Assert.Equal(["order-1", "order-1", "order-2", "order-3"], broker.Taken.Select(message => message.Key));
        await EndAsync(stop, running);
    }

    [Fact]
    public async Task A_refused_message_is_parked_where_that_is_wanted_and_retried_or_discarded_by_hand()
    {
        var ids = await FillAsync(1, 2, 3, 4);
        var isRefused = true;
        broker.Refuse = message => isRefused && message.Key is "order-2" or "order-4";
        var runner = Messages(Quick with { OnPoison = PoisonAction.Park }, FromStart);
        using var stop = new CancellationTokenSource();
        var running = runner.RunAsync(stop.Token);
        await WaitAsync(runner, new LogPosition(4));

        Assert.Equal(["order-1", "order-3"], broker.Taken.Select(message => message.Key).Distinct());
        var parked = await runner.ReadParkedAsync(cancellationToken: Cancellation);
        Assert.Equal([ids[1], ids[3]], parked.Select(one => one.Message.Id));
        Assert.Equal([3, 3], parked.Select(one => one.Attempts));
        Assert.All(parked, one => Assert.Contains("No queue", one.Error, StringComparison.Ordinal));
        Assert.All(parked, one => Assert.InRange(one.ParkedAt, DateTimeOffset.UtcNow.AddMinutes(-5), DateTimeOffset.UtcNow.AddMinutes(5)));
        Assert.Equal((2, 0), await runner.GetStatusAsync(Cancellation) is var status ? (status.Parked, status.Backlog) : default);

        isRefused = false;
        broker.Refuse = null;
        Assert.True(await runner.RetryAsync(ids[1], Cancellation));
        Assert.True(await runner.DiscardAsync(ids[3], Cancellation));
        Assert.False(await runner.RetryAsync(ids[3], Cancellation));
        Assert.False(await runner.DiscardAsync(ids[0], Cancellation));
        await UntilAsync(async () => await runner.GetStatusAsync(Cancellation) is { Backlog: 0, Parked: 0 });
        Assert.Equal(ids[1], broker.Taken[^1].Id);
        Assert.DoesNotContain(ids[3], broker.Taken.Select(message => message.Id));
        await EndAsync(stop, running);
    }

    [Fact]
    public async Task A_publisher_that_fails_for_no_messages_sake_parks_nothing()
    {
        await FillAsync(1, 2);
        broker.Before = _ => throw new InvalidOperationException("defect");
        var runner = Messages(Quick with { OnPoison = PoisonAction.Park }, FromStart);
        using var stop = new CancellationTokenSource();
        var running = runner.RunAsync(stop.Token);

        await Assert.ThrowsAsync<ConsumerFailedException>(() => WaitAsync(runner, new LogPosition(2)));

        Assert.Equal((2, 0), await runner.GetStatusAsync(Cancellation) is var status ? (status.Backlog, status.Parked) : default);
        await stop.CancelAsync();
        await Assert.ThrowsAsync<ConsumerFailedException>(() => running.WaitAsync(Patience, Cancellation));
    }

    [Fact]
    public async Task Of_two_runners_one_relays_and_the_other_takes_over_and_nothing_goes_out_twice()
    {
        var calls = 0;
        broker.Before = async _ =>
        {
            Assert.Equal(1, Interlocked.Increment(ref calls));
            await Task.Delay(2);
        };
        broker.After = _ =>
        {
            Interlocked.Decrement(ref calls);
            return Task.CompletedTask;
        };
        using var stopFirst = new CancellationTokenSource();
        using var stopSecond = new CancellationTokenSource();
        var first = Messages(FromStart);
        var second = Messages(FromStart);
        var runs = (First: first.RunAsync(stopFirst.Token), Second: second.RunAsync(stopSecond.Token));
        for (var i = 1; i <= 100; i++)
        {
            await PlaceAsync(i);
            if (i == 50)
            {
                await EndAsync(stopFirst, runs.First);
            }
        }

        await WaitAsync(second, new LogPosition(100));
        await EndAsync(stopSecond, runs.Second);

        Assert.Equal(Enumerable.Range(1, 100).Select(i => $"order-{i}"), broker.Taken.Select(message => message.Key));
    }

    [Fact]
    public async Task Who_is_stopped_brings_to_an_end_what_is_on_its_way()
    {
        await FillAsync(1, 2, 3);
        using var begun = new SemaphoreSlim(0);
        using var goOn = new SemaphoreSlim(0);
        broker.After = async _ =>
        {
            begun.Release();
            await goOn.WaitAsync(Patience, Cancellation);
        };
        using var stop = new CancellationTokenSource();
        var running = Messages(FromStart).RunAsync(stop.Token);
        Assert.True(await begun.WaitAsync(Patience, Cancellation));
        await stop.CancelAsync();
        goOn.Release();
        await running.WaitAsync(Patience, Cancellation);

        Assert.Equal(0, (await Outbox.ReadBacklogAsync(Cancellation)).Waiting);
        Assert.Equal(3, broker.Taken.Count);
    }

    [Fact]
    public async Task A_paused_relay_lets_messages_wait()
    {
        var runner = Messages(FromStart);
        using var stop = new CancellationTokenSource();
        var running = runner.RunAsync(stop.Token);
        await WaitAsync(runner, await PlaceAsync(1));
        await runner.PauseAsync(PublicMessageRunner.RelayName, Cancellation).WaitAsync(Patience, Cancellation);

        await PlaceAsync(2);
        await UntilAsync(async () => await runner.GetStatusAsync(Cancellation) is { Relay: ConsumerState.Paused, Backlog: 1 });
        await Task.Delay(100, Cancellation);
        Assert.Single(broker.Taken);

        await runner.ResumeAsync(PublicMessageRunner.RelayName, Cancellation);
        await WaitAsync(runner, new LogPosition(2));
        Assert.Equal(2, broker.Taken.Count);
        await EndAsync(stop, running);
    }

    [Fact]
    public async Task A_translator_that_keeps_failing_stops_alone_and_the_relay_goes_on()
    {
        var runner = Messages(
            FromStart, new OrderMessages("broken", LogPosition.Start, before: envelope => throw new NotSupportedException(envelope.Stream.Value)));
        using var stop = new CancellationTokenSource();
        var running = runner.RunAsync(stop.Token);
        await PlaceAsync(1);

        await Assert.ThrowsAsync<ConsumerFailedException>(() => WaitAsync(runner, new LogPosition(1)));
        await UntilAsync(() => Task.FromResult(broker.Taken.Count == 1));
        Assert.Equal(
            [("broken", ConsumerState.Failed, LogPosition.Start), ("order-messages", ConsumerState.Live, new LogPosition(1))],
            (await runner.GetStatusAsync(Cancellation)).Translators.Select(one => (one.Name, one.State, one.Position)).Order());
        await stop.CancelAsync();
        await Assert.ThrowsAsync<ConsumerFailedException>(() => running.WaitAsync(Patience, Cancellation));
    }

    [Fact]
    public async Task What_a_translator_writes_is_relayed_at_once()
    {
        const int Rounds = 20;
        var runner = Messages(FromStart);
        using var stop = new CancellationTokenSource();
        var running = runner.RunAsync(stop.Token);
        await WaitAsync(runner, await PlaceAsync(0));

        var latencies = new List<TimeSpan>();
        for (var i = 1; i <= Rounds; i++)
        {
            var begun = Stopwatch.GetTimestamp();
            await PlaceAsync(i);
            await UntilAsync(() => Task.FromResult(broker.Taken.Count == i + 1));
            latencies.Add(Stopwatch.GetElapsedTime(begun));
        }

        // Without the signal each takes half a second, until the relay looks again.
        Assert.InRange(latencies.Order().ElementAt(Rounds / 2), TimeSpan.Zero, TimeSpan.FromMilliseconds(250));
        await EndAsync(stop, running);
    }

    private PublicMessageRunner Messages(params MessageTranslator[] translators) => Messages(Quick, translators);

    private PublicMessageRunner Messages(ConsumerOptions options, params MessageTranslator[] translators) =>
        new(Store, Serializer, translators, Outbox, broker, Consumers, options);

    private static Task WaitAsync(PublicMessageRunner runner, LogPosition position) => runner.WaitForAsync(position, Cancellation).WaitAsync(Patience, Cancellation);

    /// <summary>Runs until everything in the log has been told.</summary>
    private async Task RelayAllAsync(params MessageTranslator[] translators)
    {
        var runner = Messages(translators);
        using var stop = new CancellationTokenSource();
        var running = runner.RunAsync(stop.Token);
        await WaitAsync(runner, new LogPosition(await HeadAsync()));
        await EndAsync(stop, running);
    }

    /// <summary>Places orders and writes their messages to the outbox, where they stay: as after a crash before the relay.</summary>
    private async Task<Guid[]> FillAsync(params int[] orders)
    {
        foreach (var order in orders)
        {
            await PlaceAsync(order);
        }

        var events = (await ReadLogAsync()).Select(Serializer.Deserialize).ToArray();
        var messages = events.SelectMany(FromStart.Translate).ToArray();
        var lease = await TakeAsync(new ConsumerKey("order-messages", 1, StreamShard.All));
        await Outbox.WriteAsync(lease, new EventPage(LogPosition.Start, events, events[^1].Position), messages, Cancellation);
        await Consumers.ChangeAsync(
            board => new ConsumerBoardChange
            {
                Changed = [.. board.Rows.Select(row => (row.Epoch, row with { Owner = null, Epoch = row.Epoch + 1 }))],
            },
            Cancellation);
        return [.. messages.Select(message => message.Id)];
    }

    /// <summary>Takes a row, as a process would.</summary>
    private async Task<ConsumerLease> TakeAsync(ConsumerKey key)
    {
        var row = new ConsumerRow { Key = key, Version = 1, Epoch = 7, Owner = Guid.NewGuid() };
        await Consumers.ChangeAsync(_ => new ConsumerBoardChange { Added = [row], LeaseTime = TimeSpan.FromMinutes(1) }, Cancellation);
        return new ConsumerLease(key, ConsumerRole.Serving, row.Epoch);
    }
}
