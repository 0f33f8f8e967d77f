using EventSourcing.PostgreSql;

namespace EventSourcing.Torture;

/// <summary>The store, for callers that are told in exceptions; what they append is written down.</summary>
internal sealed class RecordingStore(RecordingAppender appender) : IEventStore
{
    private PostgreSqlEventStore Store => appender.Store;

    /// <summary>How many appends were tried: for a repository of one caller's own.</summary>
    public int Attempts { get; private set; }

    public Task<AppendResult> AppendAsync(AppendRequest request, CancellationToken cancellationToken = default)
    {
        Attempts++;
        return appender.AppendOrThrowAsync(request, cancellationToken);
    }

    public IAsyncEnumerable<RecordedEvent> ReadStreamAsync(StreamName stream, StreamReadOptions? options = null, CancellationToken cancellationToken = default) =>
        Store.ReadStreamAsync(stream, options, cancellationToken);

    public Task ReplayAsync(StreamName stream, StreamVersion after, ReplayHandler handler, CancellationToken cancellationToken = default) =>
        Store.ReplayAsync(stream, after, handler, cancellationToken);

    public Task<LogPage> ReadLogAsync(LogReadOptions options, CancellationToken cancellationToken = default) => Store.ReadLogAsync(options, cancellationToken);

    public Task<QueryResult> QueryAsync(EventQuery query, CancellationToken cancellationToken = default) => Store.QueryAsync(query, cancellationToken);

    public Task<LogHead> GetHeadAsync(CancellationToken cancellationToken = default) => Store.GetHeadAsync(cancellationToken);

    public Task WaitForAppendAsync(LogPosition after, CancellationToken cancellationToken = default) => Store.WaitForAppendAsync(after, cancellationToken);
}
