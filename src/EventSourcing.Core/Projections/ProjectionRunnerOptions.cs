namespace EventSourcing;

/// <summary>How projections are run.</summary>
public sealed record ProjectionRunnerOptions
{
    private readonly int pageSize = 500;
    private readonly int maxAttempts = 5;
    private readonly TimeSpan firstRetryDelay = TimeSpan.FromMilliseconds(100);
    private readonly TimeSpan longestRetryDelay = TimeSpan.FromSeconds(10);

    /// <summary>How many events a page holds at most, and so one transaction; 1 or more, 500 by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    public int PageSize
    {
        get => pageSize;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            pageSize = value;
        }
    }

    /// <summary>How often an event is tried before its projection stops; 1 or more, 5 by default. An unreachable store does not count: it is waited for.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    public int MaxAttempts
    {
        get => maxAttempts;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            maxAttempts = value;
        }
    }

    /// <summary>The pause after the first failure, 100 ms by default; it doubles with each further one.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative.</exception>
    public TimeSpan FirstRetryDelay
    {
        get => firstRetryDelay;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, TimeSpan.Zero);
            firstRetryDelay = value;
        }
    }

    /// <summary>The longest pause between attempts, 10 s by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative.</exception>
    public TimeSpan LongestRetryDelay
    {
        get => longestRetryDelay;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, TimeSpan.Zero);
            longestRetryDelay = value;
        }
    }
}
