using System.Diagnostics;
using Xunit;

namespace EventSourcing.Conformance;

/// <summary>Messages that reactors schedule for themselves: timeouts and reminders.</summary>
public abstract class ReactorMessageSuite : ReactorFixture
{
    private static readonly TimeSpan Far = TimeSpan.FromHours(1);

    [Fact]
    public async Task A_message_comes_when_it_is_due_and_not_before()
    {
        var watch = Stopwatch.StartNew();
        var delivered = TimeSpan.Zero;
        var shop = new Shop(
            Effects,
            onOrdered: (ordered, context) =>
            {
                context.Schedule(new Reminder(ordered.Number), TimeSpan.FromMilliseconds(1_500));
                return Task.CompletedTask;
            },
            onReminder: (_, _) =>
            {
                delivered = watch.Elapsed;
                return Task.CompletedTask;
            });
        var runner = Runner(shop);
        await using var run = Run(runner);
        var position = await OrderAsync(7);

        await UntilAsync(() => Task.FromResult(Numbers("reminder").Length == 1));
        await UntilAsync(async () => (await runner.ListMessagesAsync("Shop: mails", Cancellation)).Count == 0);

        Assert.InRange(delivered, TimeSpan.FromMilliseconds(1_400), TimeSpan.FromSeconds(30));
        var reminder = Effects.Single(effect => effect.What == "reminder");
        Assert.Equal((7, "order-1", position), (reminder.Number, reminder.Stream, reminder.Position));
        Assert.NotEqual(Effects.First().Key, reminder.Key);
        Assert.Equal(2, (await State.Reactors.FindReceiptsAsync("Shop: mails", LogPosition.Start, position, Cancellation)).Count);
    }

    [Fact]
    public async Task A_message_waits_with_all_that_is_known_of_it()
    {
        var at = new DateTimeOffset(2100, 1, 2, 3, 4, 5, TimeSpan.FromHours(2));
        var shop = new Shop(Effects, onOrdered: (ordered, context) =>
        {
            context.Schedule(new Reminder(ordered.Number), at, "remind");
            return Task.CompletedTask;
        });
        await OrderAsync(1, 2);
        var runner = Runner(shop);
        await runner.CatchUpAsync(Cancellation);

        var message = Assert.Single(await runner.ListMessagesAsync("Shop: mails", Cancellation));

        // The second has replaced the first.
        Assert.Equal(
            ("Shop: mails", "remind", "order-1", 2L, 2L, "shop-reminder", 0, null, null),
            (message.Reactor, message.Key, message.Stream.Value, message.Version.Value, message.Position.Value, message.Type, message.Attempts, message.Error, message.ParkedAt));
        Assert.Equal(at, message.DueAt);
        Assert.Equal(new Reminder(2), Serializer.DeserializeView<Reminder>(message.Data));
        Assert.True(await runner.DiscardMessageAsync(message, Cancellation));
        Assert.False(await runner.DiscardMessageAsync(message, Cancellation));
        Assert.Empty(await runner.ListMessagesAsync("Shop: mails", Cancellation));
    }

    [Fact]
    public async Task A_time_that_is_past_means_at_once_and_one_that_never_comes_waits()
    {
        var shop = new Shop(Effects, onOrdered: (_, context) =>
        {
            context.Schedule(new Reminder(1), DateTimeOffset.MinValue);
            context.Schedule(new Reminder(2), DateTimeOffset.MaxValue);
            return Task.CompletedTask;
        });
        var runner = Runner(shop);
        await using var run = Run(runner);
        await OrderAsync(1);

        await UntilAsync(() => Task.FromResult(Numbers("reminder").Length == 1));
        await UntilAsync(async () => (await runner.ListMessagesAsync("Shop: mails", Cancellation)).Count == 1);

        Assert.Equal([1], Numbers("reminder"));
    }

    [Fact]
    public async Task A_cancelled_message_does_not_come()
    {
        var shop = new Shop(
            Effects,
            onOrdered: (ordered, context) =>
            {
                context.Schedule(new Reminder(ordered.Number), TimeSpan.FromMilliseconds(700), $"pay-{ordered.Number}");
                return Task.CompletedTask;
            },
            onPaid: (paid, context) => context.Cancel($"pay-{paid.Number}"));
        var runner = Runner(shop);
        await using var run = Run(runner);
        await OrderAsync(1, 2, 3);
        await AppendAsync("payment-1", ExpectedVersion.Any, Serializer.Serialize(new Paid(2)));

        await UntilAsync(() => Task.FromResult(Numbers("reminder").Length == 2));
        await Task.Delay(200, Cancellation);

        Assert.Equal([1, 3], Numbers("reminder").Order());
        Assert.Empty(await runner.ListMessagesAsync("Shop: mails", Cancellation));
    }

    [Fact]
    public async Task What_one_handler_says_last_of_a_key_counts()
    {
        var shop = new Shop(Effects, onOrdered: (ordered, context) =>
        {
            context.Schedule(new Reminder(1), Far, "a");
            context.Cancel("a");
            context.Cancel("b");
            context.Schedule(new Reminder(2), Far, "b");
            context.Schedule(new Reminder(3), Far);
            context.Schedule(new Reminder(4), Far);
            return Task.CompletedTask;
        });
        await OrderAsync(1);
        var runner = Runner(shop);
        await runner.CatchUpAsync(Cancellation);

        var waiting = await runner.ListMessagesAsync("Shop: mails", Cancellation);

        Assert.Equal([2, 3, 4], waiting.Select(message => Serializer.DeserializeView<Reminder>(message.Data).Number).Order());
        Assert.Equal(3, waiting.Select(message => message.Id).Distinct().Count());
    }

    [Fact]
    public async Task What_a_failed_handler_scheduled_is_not_kept()
    {
        var failures = 0;
        var shop = new Shop(Effects, onOrdered: (_, context) =>
        {
            context.Schedule(new Reminder(++failures), Far);
            return failures == 1 ? throw new TimeoutException("passing") : Task.CompletedTask;
        });
        await OrderAsync(1);
        var runner = Runner(shop);

        await runner.CatchUpAsync(Cancellation);

        var message = Assert.Single(await runner.ListMessagesAsync("Shop: mails", Cancellation));
        Assert.Equal(new Reminder(2), Serializer.DeserializeView<Reminder>(message.Data));
    }

    [Fact]
    public async Task A_message_survives_the_process_that_scheduled_it()
    {
        var shop = new Shop(Effects, onOrdered: (ordered, context) =>
        {
            context.Schedule(new Reminder(ordered.Number), TimeSpan.FromMilliseconds(300));
            return Task.CompletedTask;
        });
        await OrderAsync(1);
        await Runner(shop).CatchUpAsync(Cancellation);
        Assert.Empty(Numbers("reminder"));
        await Task.Delay(400, Cancellation);

        await using var run = Run(Runner(new Shop(Effects)));
        await UntilAsync(() => Task.FromResult(Numbers("reminder").Length == 1));

        Assert.Equal([1], Numbers("reminder"));
    }

    [Fact]
    public async Task A_crash_between_a_message_and_its_receipt_repeats_it_with_its_key()
    {
        var crashes = 0;
        var broken = new ReactorStoreProxy(State.Reactors, outcome =>
        {
            if (Numbers("reminder").Length > 0 && crashes++ == 0)
            {
                throw new InvalidOperationException("the process is gone");
            }
        });
        var shop = new Shop(Effects, onOrdered: (ordered, context) =>
        {
            context.Schedule(new Reminder(ordered.Number), TimeSpan.Zero);
            return Task.CompletedTask;
        });
        await OrderAsync(1);
        var runner = Runner([shop], reactors: broken);
        await using var run = Run(runner);

        await UntilAsync(() => Task.FromResult(Numbers("reminder").Length == 2));
        await UntilAsync(async () => (await runner.ListMessagesAsync("Shop: mails", Cancellation)).Count == 0);

        Assert.Single(Effects.Where(effect => effect.What == "reminder").Distinct());
    }

    [Fact]
    public async Task A_message_may_schedule_itself_again_and_send_commands()
    {
        var ledger = new CommandLedger();
        var shop = new Shop(
            Effects,
            onOrdered: (_, context) =>
            {
                context.Schedule(new Reminder(1), TimeSpan.Zero, "again");
                return Task.CompletedTask;
            },
            onReminder: async (reminder, context) =>
            {
                await context.SendAsync($"remind {reminder.Number}");
                if (reminder.Number < 3)
                {
                    context.Schedule(new Reminder(reminder.Number + 1), TimeSpan.Zero, "again");
                }
            });
        var runner = Runner([shop], commands: ledger);
        await using var run = Run(runner);
        var ordered = Serializer.Serialize(new Ordered(1), new EventMetadata { CorrelationId = "conversation" });
        await AppendAsync("order-1", ExpectedVersion.Any, ordered);

        await UntilAsync(() => Task.FromResult(Numbers("reminder").Length == 3));
        await UntilAsync(async () => (await runner.ListMessagesAsync("Shop: mails", Cancellation)).Count == 0);

        Assert.Equal([1, 2, 3], Numbers("reminder"));
        Assert.Equal(["remind 1", "remind 2", "remind 3"], ledger.Sent.Select(sent => sent.Command));
        Assert.All(ledger.Sent, sent => Assert.Equal("conversation", sent.Context.CorrelationId));
        Assert.Equal(3, ledger.Sent.Select(sent => sent.Context.CommandId).Distinct().Count());
        Assert.All(ledger.Sent, sent => Assert.Equal($"{ordered.Id}", sent.Context.CausationId)); // which the log holds, as no message is
    }

    [Fact]
    public async Task A_message_that_fails_is_parked_and_holds_up_nobody()
    {
        var isBroken = true;
        var shop = new Shop(
            Effects,
            onOrdered: (ordered, context) =>
            {
                context.Schedule(new Reminder(ordered.Number), TimeSpan.Zero);
                return Task.CompletedTask;
            },
            onReminder: (reminder, _) => reminder.Number == 1 && isBroken ? throw new InvalidOperationException("out of paper") : Task.CompletedTask);
        var runner = Runner(shop);
        await using var run = Run(runner);
        await OrderAsync(1, 2);
        ScheduledMessage? parked = null;
        await UntilAsync(async () =>
        {
            var waiting = await runner.ListMessagesAsync("Shop: mails", Cancellation);
            parked = waiting.FirstOrDefault(message => message.ParkedAt is not null);
            return waiting.Count == 1 && parked is not null;
        });

        Assert.Equal([1, 1, 1, 2], Numbers("reminder").Order());
        Assert.Equal(3, parked!.Attempts);
        Assert.Contains("out of paper", parked.Error, StringComparison.Ordinal);
        await OrderAsync(3);
        await UntilAsync(() => Task.FromResult(Numbers("reminder").Contains(3)));

        isBroken = false;
        Assert.True(await runner.RetryMessageAsync(parked, Cancellation));
        await UntilAsync(async () => (await runner.ListMessagesAsync("Shop: mails", Cancellation)).Count == 0);
        Assert.Equal(4, Numbers("reminder").Count(number => number == 1));
        Assert.Equal(3, Effects.Where(effect => effect.What == "reminder").Select(effect => effect.Key).Distinct().Count());
        Assert.False(await runner.RetryMessageAsync(parked, Cancellation));
    }

    [Fact]
    public async Task Each_message_is_delivered_by_one_member_of_the_group()
    {
        const int Streams = 30;
        var shops = Enumerable.Range(0, 2).Select(_ => new Shop(
            Effects,
            shards: 4,
            onOrdered: (ordered, context) =>
            {
                context.Schedule(new Reminder(ordered.Number), TimeSpan.FromMilliseconds(100));
                return Task.CompletedTask;
            },

            // Long enough for another member to come upon the same message.
            onReminder: (_, _) => Task.Delay(20, Cancellation))).ToArray();
        await using var one = Run(Runner(shops[0]));
        await using var two = Run(Runner(shops[1]));
        for (var i = 0; i < Streams; i++)
        {
            await AppendAsync(StreamName.For("order", i), ExpectedVersion.Any, Serializer.Serialize(new Ordered(i)));
        }

        await UntilAsync(() => Task.FromResult(Numbers("reminder").Length >= Streams));
        await Task.Delay(200, Cancellation);

        Assert.Equal(Enumerable.Range(0, Streams), Numbers("reminder").Order());
    }

    [Fact]
    public async Task Running_effects_again_schedules_again()
    {
        var shop = new Shop(Effects, onOrdered: (ordered, context) =>
        {
            context.Schedule(new Reminder(ordered.Number), Far);
            return Task.CompletedTask;
        });
        await OrderAsync(1, 2);
        var runner = Runner(shop);
        await runner.CatchUpAsync(Cancellation);
        var before = await runner.ListMessagesAsync("Shop: mails", Cancellation);

        await runner.RunEffectsAgainAsync("Shop: mails", new LogPosition(1), Cancellation);
        Assert.Equal([1], (await runner.ListMessagesAsync("Shop: mails", Cancellation)).Select(message => message.Position.Value));
        await runner.CatchUpAsync(Cancellation);

        var after = await runner.ListMessagesAsync("Shop: mails", Cancellation);
        Assert.Equal(before.Select(message => message.Id).Order(), after.Select(message => message.Id).Order());
    }

    [Fact]
    public async Task A_paused_reactor_delivers_nothing()
    {
        var shop = new Shop(Effects, onOrdered: (ordered, context) =>
        {
            context.Schedule(new Reminder(ordered.Number), TimeSpan.FromMilliseconds(300));
            return Task.CompletedTask;
        });
        var runner = Runner(shop);
        await using var run = Run(runner);
        await runner.WaitForAsync("Shop: mails", await OrderAsync(1), Cancellation).WaitAsync(Patience, Cancellation);
        await runner.PauseAsync("Shop: mails", Cancellation);
        await Task.Delay(1_500, Cancellation);
        Assert.Empty(Numbers("reminder"));

        await runner.ResumeAsync("Shop: mails", Cancellation);
        await UntilAsync(() => Task.FromResult(Numbers("reminder").Length == 1));
    }

    [Fact]
    public async Task Mistakes_in_scheduling_are_failures_of_the_handler()
    {
        var shop = new Shop(Effects, onOrdered: (ordered, context) =>
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => context.Schedule(new Reminder(1), TimeSpan.FromSeconds(-1)));
            Assert.Throws<ArgumentException>(() => context.Schedule(new Reminder(1), Far, string.Empty));
            Assert.Throws<ArgumentException>(() => context.Cancel(new string('k', 201)));
            Assert.Throws<InvalidOperationException>(() => context.Schedule("not registered", Far));
            return Task.CompletedTask;
        });
        await OrderAsync(1);
        var runner = Runner(shop);

        await runner.CatchUpAsync(Cancellation);

        Assert.Empty(await runner.ListMessagesAsync("Shop: mails", Cancellation));
        Assert.Equal([1], Numbers());
    }
}
