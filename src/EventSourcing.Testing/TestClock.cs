namespace EventSourcing.Testing;

/// <summary>A clock that stands still until the test moves it. Timers and delays that use it come due while it is moved, in the order of
/// their times and before the call that moves it returns.</summary>
/// <remarks>Callbacks run on the thread that moves the clock, and see the time at which they were due.</remarks>
public sealed class TestClock : TimeProvider
{
    private readonly Lock gate = new();
    private readonly List<Timer> timers = [];
    private DateTimeOffset now;
    private long made;

    /// <summary>Makes a clock.</summary>
    /// <param name="start">What it shows at first; by default the start of the year 2000, UTC.</param>
    public TestClock(DateTimeOffset? start = null) => now = (start ?? new DateTimeOffset(2000, 1, 1, 0, 0, 0, TimeSpan.Zero)).ToUniversalTime();

    /// <summary>UTC, on every machine.</summary>
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <summary>As fine as the clock itself: 100 ns.</summary>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>What the clock shows.</summary>
    public override DateTimeOffset GetUtcNow()
    {
        lock (gate)
        {
            return now;
        }
    }

    /// <summary>The same as a number for measuring: the clock's own time, and no other, passes.</summary>
    public override long GetTimestamp() => GetUtcNow().Ticks;

    /// <summary>Lets time pass.</summary>
    /// <param name="time">How much; zero or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">The time is negative.</exception>
    public void Advance(TimeSpan time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(time, TimeSpan.Zero);
        MoveTo(GetUtcNow() + time);
    }

    /// <summary>Lets time pass until the clock shows a time.</summary>
    /// <param name="time">The time; what the clock shows, or later.</param>
    /// <exception cref="ArgumentOutOfRangeException">The clock shows a later time already.</exception>
    public void MoveTo(DateTimeOffset time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(time, GetUtcNow());
        while (TakeDue(time) is { } due)
        {
            due.Fire();
        }
    }

    /// <summary>Makes a timer that comes due when the clock is moved.</summary>
    /// <param name="callback">What is called.</param>
    /// <param name="state">What it is called with.</param>
    /// <param name="dueTime">How long until the first call; zero calls at once.</param>
    /// <param name="period">How long between calls; zero or infinite for one call only.</param>
    /// <exception cref="ArgumentOutOfRangeException">A time is negative and not infinite.</exception>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(callback);
        var timer = new Timer(this, callback, state, Interlocked.Increment(ref made));
        timer.Change(dueTime, period);
        return timer;
    }

    private Timer? TakeDue(DateTimeOffset upTo)
    {
        lock (gate)
        {
            var next = timers.Where(timer => timer.Due <= upTo).MinBy(timer => (timer.Due, timer.Number));
            var shows = next?.Due ?? upTo;

            // A callback may have moved the clock itself, further than this.
            now = shows > now ? shows : now;
            if (next is not null && !next.Repeat())
            {
                timers.Remove(next);
            }

            return next;
        }
    }

    private sealed class Timer(TestClock clock, TimerCallback callback, object? state, long number) : ITimer
    {
        private TimeSpan period;
        private bool isDisposed;

        public DateTimeOffset Due { get; private set; }

        public long Number => number;

        public void Fire() => callback(state);

        public bool Repeat()
        {
            Due += period;
            return period > TimeSpan.Zero;
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            ThrowIfNegative(dueTime, nameof(dueTime));
            ThrowIfNegative(period, nameof(period));
            lock (clock.gate)
            {
                clock.timers.Remove(this);
                if (isDisposed)
                {
                    return false;
                }

                this.period = period == Timeout.InfiniteTimeSpan ? TimeSpan.Zero : period;
                if (dueTime == Timeout.InfiniteTimeSpan)
                {
                    return true;
                }

                Due = clock.now + dueTime;
                if (dueTime > TimeSpan.Zero || Repeat())
                {
                    clock.timers.Add(this);
                }
            }

            if (dueTime == TimeSpan.Zero)
            {
                Fire();
            }

            return true;
        }

        public void Dispose()
        {
            lock (clock.gate)
            {
                isDisposed = true;
                clock.timers.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private static void ThrowIfNegative(TimeSpan time, string name)
        {
            if (time < TimeSpan.Zero && time != Timeout.InfiniteTimeSpan)
            {
                throw new ArgumentOutOfRangeException(name, time, "A timer's time is zero or more, or infinite.");
            }
        }
    }
}
