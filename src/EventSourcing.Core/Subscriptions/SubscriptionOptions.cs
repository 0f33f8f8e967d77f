namespace EventSourcing;

/// <summary>What a subscription delivers, and from where.</summary>
public sealed record SubscriptionOptions
{
    private readonly int pageSize = 500;
    private readonly EventFilter filter = EventFilter.All;

    /// <summary>Where to go on; by default from the first event. <c>Checkpoint.After((await store.GetHeadAsync()).Final)</c> starts from now.</summary>
    public Checkpoint From { get; init; }

    /// <summary>Only events that pass this filter; by default all.</summary>
    public EventFilter Filter
    {
        get => filter;
        init => filter = value ?? throw new ArgumentNullException(nameof(value));
    }

    /// <summary>
    /// What metrics call the subscription; one of its own for each that runs in a process. By default null: its events are
    /// counted together with those of the others without a name, and its position and lag are not shown.
    /// </summary>
    public string? Name { get; init; }

    /// <summary>How many events are read at a time, and so held in memory; 1 or more, 500 by default.</summary>
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
}
