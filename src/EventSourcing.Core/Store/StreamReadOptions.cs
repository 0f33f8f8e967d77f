namespace EventSourcing;

/// <summary>Which part of a stream to read.</summary>
public sealed record StreamReadOptions
{
    private readonly int? maxCount;

    /// <summary>Which way; forwards by default.</summary>
    public ReadDirection Direction { get; init; }

    /// <summary>The first version to read, inclusive; by default the first of the stream, or backwards its last.</summary>
    public StreamVersion? From { get; init; }

    /// <summary>At most so many events, 1 or more; by default all.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    public int? MaxCount
    {
        get => maxCount;
        init
        {
            if (value is { } count)
            {
                ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
            }

            maxCount = value;
        }
    }
}
