namespace EventSourcing.Testing;

/// <summary>Time as the test says, and ids that count.</summary>
public sealed class TestClockTests
{
    private static readonly DateTimeOffset Start = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly TestClock clock = new(Start);

    [Fact]
    public void It_stands_still_until_it_is_moved()
    {
        var begun = clock.GetTimestamp();
        clock.GetUtcNow().Should().Be(Start);
        clock.Advance(TimeSpan.FromMinutes(90));

        clock.GetUtcNow().Should().Be(Start.AddMinutes(90));
        clock.GetElapsedTime(begun).Should().Be(TimeSpan.FromMinutes(90));
        clock.LocalTimeZone.Should().Be(TimeZoneInfo.Utc);
        new TestClock().GetUtcNow().Should().Be(new DateTimeOffset(2000, 1, 1, 0, 0, 0, TimeSpan.Zero));
    }

    [Fact]
    public void It_does_not_run_backwards()
    {
        clock.Invoking(it => it.Advance(TimeSpan.FromTicks(-1))).Should().Throw<ArgumentOutOfRangeException>();
        clock.Invoking(it => it.MoveTo(Start.AddTicks(-1))).Should().Throw<ArgumentOutOfRangeException>();
        clock.MoveTo(Start);

        clock.GetUtcNow().Should().Be(Start);
    }

    [Fact]
    public void Timers_come_due_in_the_order_of_their_times_and_see_them()
    {
        var seen = new List<(string, DateTimeOffset)>();
        using var late = Timer("late", 30);
        using var periodic = Timer("periodic", 10, 15);
        using var early = Timer("early", 10);
        using var never = Timer("never", 31);
        clock.Advance(TimeSpan.FromSeconds(30));

        seen.Should().Equal(
            ("periodic", Start.AddSeconds(10)), ("early", Start.AddSeconds(10)), ("periodic", Start.AddSeconds(25)), ("late", Start.AddSeconds(30)));
        clock.GetUtcNow().Should().Be(Start.AddSeconds(30));

        ITimer Timer(string name, int due, int period = 0) => clock.CreateTimer(
            _ => seen.Add((name, clock.GetUtcNow())), null, TimeSpan.FromSeconds(due), TimeSpan.FromSeconds(period));
    }

    [Fact]
    public void A_timer_can_be_changed_and_ended()
    {
        var calls = 0;
        var timer = clock.CreateTimer(_ => calls++, null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
        clock.Advance(TimeSpan.FromSeconds(2));
        timer.Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan).Should().BeTrue();
        calls.Should().Be(3, "zero is at once");
        timer.Change(TimeSpan.FromSeconds(5), Timeout.InfiniteTimeSpan);
        timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        clock.Advance(TimeSpan.FromSeconds(10));
        calls.Should().Be(3);
        timer.Change(TimeSpan.FromSeconds(1), TimeSpan.Zero);
        timer.Dispose();
        clock.Advance(TimeSpan.FromSeconds(10));

        calls.Should().Be(3);
        timer.Change(TimeSpan.FromSeconds(1), TimeSpan.Zero).Should().BeFalse();
        timer.Invoking(it => it.Change(TimeSpan.FromSeconds(-2), TimeSpan.Zero)).Should().Throw<ArgumentOutOfRangeException>();
    }

    [Fact]
    public async Task Delays_and_timeouts_follow_it()
    {
        var delay = Task.Delay(TimeSpan.FromHours(1), clock, TestContext.Current.CancellationToken);
        using var timeout = new CancellationTokenSource(TimeSpan.FromHours(2), clock);
        clock.Advance(TimeSpan.FromMinutes(59));
        delay.IsCompleted.Should().BeFalse();
        clock.Advance(TimeSpan.FromMinutes(1));
        await delay;
        timeout.IsCancellationRequested.Should().BeFalse();
        clock.Advance(TimeSpan.FromHours(1));

        timeout.IsCancellationRequested.Should().BeTrue();
    }

    [Fact]
    public void A_callback_may_move_it_further()
    {
        using var timer = clock.CreateTimer(_ => clock.Advance(TimeSpan.FromHours(1)), null, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);
        clock.Advance(TimeSpan.FromSeconds(2));

        clock.GetUtcNow().Should().Be(Start.AddSeconds(1).AddHours(1));
    }

    [Fact]
    public void Ids_count()
    {
        var ids = new TestIds();

        ids.Next().Should().Be(new Guid("00000000-0000-7000-8000-000000000001"));
        ids.Next().Should().Be(TestIds.Of(2));
        TestIds.Of(0xFFFF_FFFF_FFFF).Version.Should().Be(7);
        FluentActions.Invoking(() => TestIds.Of(0)).Should().Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => TestIds.Of(0x1_0000_0000_0000)).Should().Throw<ArgumentOutOfRangeException>();
    }
}
