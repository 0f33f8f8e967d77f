namespace EventSourcing;

/// <summary>Reads events with their hashes: a capability of a store whose streams can be chained, apart from <see cref="IEventStore"/>.
/// <see cref="ChainVerifier"/> is built on it.</summary>
public interface IHashChain
{
    /// <summary>Reads a stream with its hashes, as it is at one moment.</summary>
    /// <param name="stream">The stream; one that does not exist has no events.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>Its events by version.</returns>
    /// <exception cref="EventStoreUnavailableException">The store cannot be reached.</exception>
    IAsyncEnumerable<ChainedEvent> ReadChainAsync(StreamName stream, CancellationToken cancellationToken = default);

    /// <summary>Reads all streams of a shard with their hashes.</summary>
    /// <param name="shard">Which streams.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>The events of one stream after the other, by <see cref="StreamBucket"/> and within a bucket by the bytes of their names in
    /// UTF-8, and in each by version.</returns>
    /// <exception cref="EventStoreUnavailableException">The store cannot be reached.</exception>
    IAsyncEnumerable<ChainedEvent> ReadChainsAsync(StreamShard shard, CancellationToken cancellationToken = default);

    /// <summary>Finds events that are in the log, and in no stream that knows of them.</summary>
    /// <param name="shard">Which streams.</param>
    /// <param name="cancellationToken">Ends the looking.</param>
    /// <returns>The events in position order.</returns>
    /// <exception cref="EventStoreUnavailableException">The store cannot be reached.</exception>
    IAsyncEnumerable<ChainedEvent> ReadStraysAsync(StreamShard shard, CancellationToken cancellationToken = default);
}
