namespace EventSourcing.Conformance;

/// <summary>Counts what is replayed, can make appends fail, and can become another store under the same hands.</summary>
internal sealed class WatchedStore(IEventStore store) : IEventStore
{
    private int replays;
    private int replayed;

    /// <summary>The store behind.</summary>
    public IEventStore Inner { get; set; } = store;

    /// <summary>What an append ends with, before it is stored.</summary>
    public Exception? FailBefore { get; set; }

    /// <summary>What an append ends with, after it was stored.</summary>
    public Exception? FailAfter { get; set; }

    /// <summary>A version that is not there any more.</summary>
    public StreamVersion? Hole { get; set; }

    /// <summary>How many replays were asked for, and how many events they gave, since the last look.</summary>
    public (int Replays, int Events) TakeCounts() => (Interlocked.Exchange(ref replays, 0), Interlocked.Exchange(ref replayed, 0));

    public async Task<AppendResult> AppendAsync(AppendRequest request, CancellationToken cancellationToken = default)
    {
        if (FailBefore is { } before)
        {
            throw before;
        }

        var result = await Inner.AppendAsync(request, cancellationToken);
        return FailAfter is { } after ? throw after : result;
    }

    public Task ReplayAsync(StreamName stream, StreamVersion after, ReplayHandler handler, CancellationToken cancellationToken = default)
    {
        Interlocked.Increment(ref replays);
        return Inner.ReplayAsync(
            stream,
            after,
            one =>
            {
                if (one.Version != Hole)
                {
                    Interlocked.Increment(ref replayed);
                    handler(one);
                }
            },
            cancellationToken);
    }

    public IAsyncEnumerable<RecordedEvent> ReadStreamAsync(StreamName stream, StreamReadOptions? options = null, CancellationToken cancellationToken = default) =>
        Inner.ReadStreamAsync(stream, options, cancellationToken).Where(one => one.Version != Hole);

    public Task<LogPage> ReadLogAsync(LogReadOptions options, CancellationToken cancellationToken = default) => Inner.ReadLogAsync(options, cancellationToken);

    public Task<QueryResult> QueryAsync(EventQuery query, CancellationToken cancellationToken = default) => Inner.QueryAsync(query, cancellationToken);

    public Task<LogHead> GetHeadAsync(CancellationToken cancellationToken = default) => Inner.GetHeadAsync(cancellationToken);

    public Task WaitForAppendAsync(LogPosition after, CancellationToken cancellationToken = default) => Inner.WaitForAppendAsync(after, cancellationToken);
}
