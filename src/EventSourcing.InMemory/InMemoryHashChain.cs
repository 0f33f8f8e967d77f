using System.Runtime.CompilerServices;

namespace EventSourcing.InMemory;

/// <summary>Reads events in memory with their hashes, where <see cref="InMemoryOptions.HashChain"/> is on; without them otherwise.</summary>
public sealed class InMemoryHashChain : IHashChain
{
    private readonly InMemoryEventStore store;

    /// <summary>Makes it.</summary>
    /// <param name="store">The store.</param>
    public InMemoryHashChain(InMemoryEventStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        this.store = store;
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<ChainedEvent> ReadChainAsync(StreamName stream, CancellationToken cancellationToken = default)
    {
        _ = stream.Value;
        return EachAsync(store.WhileNobodyAppends(log => Chain(log, stream)), cancellationToken);
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<ChainedEvent> ReadChainsAsync(StreamShard shard, CancellationToken cancellationToken = default) => EachAsync(
        store.WhileNobodyAppends(log => log.All.ToArray()
            .Select(recorded => recorded.Stream)
            .Distinct()
            .Where(shard.Contains)
            .OrderBy(stream => StreamBucket.Of(stream))
            .ThenBy(stream => stream.Value, KeyOrder.Instance)
            .SelectMany(stream => Chain(log, stream))
            .ToArray()),
        cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<ChainedEvent> ReadStraysAsync(StreamShard shard, CancellationToken cancellationToken = default) =>
        EachAsync([], cancellationToken);

    private static ChainedEvent[] Chain(EventLog log, StreamName stream)
    {
        var events = log.Of(stream).ToArray();
        return Array.ConvertAll(events, recorded => new ChainedEvent
        {
            Stream = stream,
            StreamVersion = events[^1].Version,
            Recorded = recorded,
            Hash = log.HashOf(stream, recorded.Version.Value),
            Before = log.HashOf(stream, recorded.Version.Value - 1),
        });
    }

    private static async IAsyncEnumerable<ChainedEvent> EachAsync(
        ChainedEvent[] events, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask.ConfigureAwait(false);
        foreach (var chained in events)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return chained;
        }
    }
}
