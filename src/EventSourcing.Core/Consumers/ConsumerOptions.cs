namespace EventSourcing;

/// <summary>How projections or reactors are run.</summary>
public sealed record ConsumerOptions
{
    private readonly int pageSize = 5_000;
    private readonly int maxAttempts = 5;
    private readonly TimeSpan firstRetryDelay = TimeSpan.FromMilliseconds(100);
    private readonly TimeSpan longestRetryDelay = TimeSpan.FromSeconds(10);
    private readonly TimeSpan leaseTime = TimeSpan.FromSeconds(3);

    /// <summary>How many events a page holds at most, and so one transaction; 1 or more, 5,000 by default.</summary>
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

    /// <summary>How often an event is tried before <see cref="OnPoison"/> applies; 1 or more, 5 by default. What is transient does
    /// not count: it is waited for. An event that cannot be read is tried no more than twice.</summary>
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

    /// <summary>The pause after the first failure, 100 ms by default; it doubles with each further one, and is jittered.</summary>
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

    /// <summary>After what time another process takes over from one that is not heard of any more; 100 ms or more, 3 s by default. A process is heard of
    /// six times in it.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 100 ms.</exception>
    public TimeSpan LeaseTime
    {
        get => leaseTime;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, TimeSpan.FromMilliseconds(100));
            leaseTime = value;
        }
    }

    /// <summary>What becomes of an event that was tried in vain; by default its consumer stops.</summary>
    public PoisonAction OnPoison { get; init; }

    /// <summary>What a consumer that asks for every event does with one whose type is not registered; by default it fails.</summary>
    public UnknownEventAction OnUnknownEvent { get; init; }

    /// <summary>Which failures of handlers pass by themselves and are waited for without end, as an unreachable store always is; by
    /// default no others.</summary>
    public Predicate<Exception>? IsTransient { get; init; }

    /// <summary>Whose consumers these are, where a process runs those of several tenants: the tag <c>tenant</c> of their metrics. By default nobody's,
    /// and there is no such tag.</summary>
    public TenantName? Tenant { get; init; }
}
