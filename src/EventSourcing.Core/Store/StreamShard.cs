namespace EventSourcing;

/// <summary>One of several equal parts of all streams, by ranges of their buckets. A stream is in exactly one shard of a count.</summary>
public readonly record struct StreamShard
{
    private readonly int others;

    /// <summary>Names a shard.</summary>
    /// <param name="index">Which one, from 0.</param>
    /// <param name="count">Of how many; 1 to 1,024.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such shard.</exception>
    public StreamShard(int index, int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, StreamBucket.Count);
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, count);
        Index = index;
        others = count - 1;
    }

    /// <summary>Every stream; also what <c>default</c> is.</summary>
    public static StreamShard All => default;

    /// <summary>Which one, from 0.</summary>
    public int Index { get; }

    /// <summary>Of how many.</summary>
    public int Count => others + 1;

    /// <summary>Whether it is the only one.</summary>
    public bool IsAll => others == 0;

    /// <summary>The first bucket of the shard.</summary>
    public int FirstBucket => StreamBucket.Count * Index / Count;

    /// <summary>The first bucket after the shard.</summary>
    public int EndBucket => StreamBucket.Count * (Index + 1) / Count;

    /// <summary>Whether a stream is in this shard.</summary>
    /// <param name="stream">The stream.</param>
    public bool Contains(StreamName stream) => IsAll || (StreamBucket.Of(stream) is var bucket && bucket >= FirstBucket && bucket < EndBucket);

    /// <summary>For people: <c>1/4</c> is the first of four.</summary>
    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Index + 1}/{Count}");
}
