namespace EventSourcing;

/// <summary>Which part of the log to read.</summary>
public sealed record LogReadOptions
{
    private readonly int pageSize = 1000;
    private readonly EventFilter filter = EventFilter.All;

    /// <summary>Events after this position; by default from the first one.</summary>
    public LogPosition After { get; init; }

    /// <summary>Events up to and with this position; by default up to the last one that is final.</summary>
    public LogPosition? UpTo { get; init; }

    /// <summary>Only events that pass this filter; by default all.</summary>
    public EventFilter Filter
    {
        get => filter;
        init => filter = value ?? throw new ArgumentNullException(nameof(value));
    }

    /// <summary>At most so many events a page, 1 or more; 1,000 by default.</summary>
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
