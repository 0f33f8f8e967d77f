using Xunit;

namespace EventSourcing.Conformance;

/// <summary>Effects that fail: tried again, stopped at or parked, and what can be done with dead letters.</summary>
public abstract class ReactorFailureSuite : ReactorFixture
{
    private static readonly ConsumerOptions Parking = Quick with { OnPoison = PoisonAction.Park };

    private bool isBroken = true;

    [Fact]
    public async Task An_effect_that_fails_in_passing_is_tried_again_with_the_same_key()
    {
        await OrderAsync(1, 2, 3);
        var failures = 0;
        var shop = new Shop(Effects, onOrdered: (ordered, _) =>
            ordered.Number == 2 && failures++ < 2 ? throw new TimeoutException("passing") : Task.CompletedTask);

        await Runner(shop).CatchUpAsync(Cancellation);

        Assert.Equal([1, 2, 2, 2, 3], Numbers());
        Assert.Equal(3, Effects.Select(effect => effect.Key).Distinct().Count());
    }

    [Fact]
    public async Task An_effect_that_fails_for_good_stops_its_reactor_and_nothing_after_it_is_handled()
    {
        await OrderAsync(1, 2, 3);
        var runner = Runner(Broken());

        var failure = await Assert.ThrowsAsync<ConsumerFailedException>(() => runner.CatchUpAsync(Cancellation));

        Assert.Equal(new LogPosition(2), Assert.IsType<EventHandlingException>(failure.InnerException).Position);
        Assert.Equal([1, 2, 2, 2], Numbers());
        isBroken = false;
        await runner.CatchUpAsync(Cancellation);
        Assert.Equal([1, 2, 2, 2, 2, 3], Numbers());
        Assert.Empty(await runner.ListDeadLettersAsync("Shop: mails", Cancellation));
    }

    [Fact]
    public async Task A_parked_event_is_listed_with_its_error()
    {
        var before = DateTimeOffset.UtcNow.AddMinutes(-1);
        await OrderAsync(1, 2, 3);
        var runner = Runner([Broken()], Parking);
        await runner.CatchUpAsync(Cancellation);

        var letter = Assert.Single(await runner.ListDeadLettersAsync("Shop: mails", Cancellation));

        var poison = (await ReadLogAsync())[1];
        Assert.Equal(
            ("Shop: mails", poison.Position, poison.Id, poison.Stream, "shop-ordered", 3),
            (letter.Consumer, letter.Position, letter.EventId, letter.Stream, letter.EventType, letter.Attempts));
        Assert.Contains("out of paper", letter.Error, StringComparison.Ordinal);
        Assert.InRange(letter.ParkedAt, before, DateTimeOffset.UtcNow.AddMinutes(1));
        Assert.Equal([new DeadLetterCount("Shop: mails", 1, letter.ParkedAt)], await State.Letters.CountAsync(Cancellation));
        Assert.Equal([1, 2, 2, 2, 3], Numbers());
    }

    [Fact]
    public async Task A_dead_letter_is_tried_again_with_the_same_key_and_is_gone_when_that_works()
    {
        await OrderAsync(1, 2, 3);
        var runner = Runner([Broken()], Parking);
        await runner.CatchUpAsync(Cancellation);
        var letter = Assert.Single(await runner.ListDeadLettersAsync("Shop: mails", Cancellation));

        await Assert.ThrowsAsync<EventHandlingException>(() => runner.RetryDeadLetterAsync(letter, Cancellation));
        Assert.Equal([letter], await runner.ListDeadLettersAsync("Shop: mails", Cancellation));
        isBroken = false;
        Assert.True(await runner.RetryDeadLetterAsync(letter, Cancellation));

        Assert.Empty(await runner.ListDeadLettersAsync("Shop: mails", Cancellation));
        Assert.Empty(await State.Letters.CountAsync(Cancellation));
        Assert.Single(Effects.Where(effect => effect.Number == 2).Select(effect => effect.Key).Distinct());
        Assert.Contains(letter.EventId, await State.Reactors.FindReceiptsAsync("Shop: mails", new LogPosition(1), new LogPosition(2), Cancellation));
        Assert.False(await runner.RetryDeadLetterAsync(letter, Cancellation));
    }

    [Fact]
    public async Task What_a_retried_dead_letter_schedules_is_delivered()
    {
        await OrderAsync(1, 2);
        var shop = new Shop(Effects, onOrdered: (ordered, context) =>
        {
            context.Schedule(new Reminder(ordered.Number), TimeSpan.Zero);
            return ordered.Number == 2 && isBroken ? throw new InvalidOperationException("out of paper") : Task.CompletedTask;
        });
        var runner = Runner([shop], Parking);
        await using var run = Run(runner);
        await UntilAsync(() => Task.FromResult(Numbers("reminder").Length == 1));
        await runner.WaitForAsync("Shop: mails", new LogPosition(2), Cancellation).WaitAsync(Patience, Cancellation);
        isBroken = false;

        await runner.RetryDeadLetterAsync(Assert.Single(await runner.ListDeadLettersAsync("Shop: mails", Cancellation)), Cancellation);

        await UntilAsync(() => Task.FromResult(Numbers("reminder").Length == 2));
        Assert.Equal([1, 2], Numbers("reminder"));
    }

    [Fact]
    public async Task A_dead_letter_is_dropped()
    {
        await OrderAsync(1, 2, 3);
        var runner = Runner([Broken()], Parking);
        await runner.CatchUpAsync(Cancellation);
        var letter = Assert.Single(await runner.ListDeadLettersAsync("Shop: mails", Cancellation));

        Assert.True(await runner.DiscardDeadLetterAsync(letter, Cancellation));

        Assert.False(await runner.DiscardDeadLetterAsync(letter, Cancellation));
        Assert.Empty(await runner.ListDeadLettersAsync("Shop: mails", Cancellation));
        Assert.Equal([1, 2, 2, 2, 3], Numbers());
    }

    [Fact]
    public async Task Running_effects_again_forgets_the_dead_letters_that_come_again()
    {
        await OrderAsync(1, 2, 3);
        var runner = Runner([Broken()], Parking);
        await runner.CatchUpAsync(Cancellation);
        isBroken = false;

        await runner.RunEffectsAgainAsync("Shop: mails", new LogPosition(1), Cancellation);
        Assert.Empty(await runner.ListDeadLettersAsync("Shop: mails", Cancellation));
        await runner.CatchUpAsync(Cancellation);

        Assert.Equal([1, 2, 2, 2, 3, 2, 3], Numbers());
    }

    [Fact]
    public async Task An_event_that_cannot_be_read_is_parked_too()
    {
        await OrderAsync(1);
        await AppendAsync("order-1", ExpectedVersion.Any, NewEvent("shop-ordered", "[]"));
        await OrderAsync(3);
        var runner = Runner([new Shop(Effects)], Parking);

        await runner.CatchUpAsync(Cancellation);

        Assert.Equal([1, 3], Numbers());
        Assert.Equal(new LogPosition(2), Assert.Single(await runner.ListDeadLettersAsync("Shop: mails", Cancellation)).Position);
    }

    private Shop Broken() => new(Effects, onOrdered: (ordered, _) =>
        ordered.Number == 2 && isBroken ? throw new InvalidOperationException("out of paper") : Task.CompletedTask);
}
