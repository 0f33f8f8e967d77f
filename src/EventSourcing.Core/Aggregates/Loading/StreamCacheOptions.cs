namespace EventSourcing;

/// <summary>A repository's cache of recently used streams.</summary>
/// <remarks>
/// What is kept are the bytes that were read or written, never a state: each load folds a state of its own, so that nothing
/// done to an aggregate reaches the cache. Payloads stay in the process's memory until others take their place.
/// </remarks>
public sealed record StreamCacheOptions
{
    private readonly int maxStreams = 10_000;
    private readonly long maxBytes = 64 * 1024 * 1024;

    /// <summary>How many streams are kept at most, 1 or more; 10,000 by default. The least recently used go first.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    public int MaxStreams
    {
        get => maxStreams;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            maxStreams = value;
        }
    }

    /// <summary>How many bytes of payloads are kept at most, with what it takes to keep them; 64 MiB by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    public long MaxBytes
    {
        get => maxBytes;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            maxBytes = value;
        }
    }

    /// <summary>
    /// Whether <see cref="IRepository.ExecuteAsync{TState}"/> first decides on what is cached without asking the store, and
    /// leaves it to the append's expected version to find out that the stream has moved on; off by default. A decision that
    /// appends nothing, or refuses, is checked against the store before it counts. Loads are always checked.
    /// </summary>
    public bool IsOptimistic { get; init; }
}
