namespace EventSourcing;

/// <summary>How all chains are looked at.</summary>
public sealed record LogVerificationOptions
{
    private readonly int maxBreaks = 100;

    /// <summary>An anchor that was taken earlier; its shard is the one that is looked at. None by default.</summary>
    public LogAnchor? Anchor { get; init; }

    /// <summary>Which streams; all by default. Shards may be looked at side by side, each with an anchor of its own.</summary>
    public StreamShard Shard { get; init; }

    /// <summary>After how many broken streams to stop; 100 by default. 1 for the first that is found.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    public int MaxBreaks
    {
        get => maxBreaks;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            maxBreaks = value;
        }
    }
}
