namespace EventSourcing.Conformance;

/// <summary>A store as time may leave one: with a clock that was set back, without its first events, with a stream that is deleted.</summary>
internal sealed class PastStore(IEventStore inner) : IEventStore
{
    /// <summary>When the versions were recorded, from the first; null for when they were.</summary>
    public DateTimeOffset[]? Times { get; init; }

    /// <summary>What is known of each stream; null for what the store knows.</summary>
    public Func<StreamName, StreamInfo>? Info { get; init; }

    /// <summary>The first version that is left.</summary>
    public long First { get; init; } = 1;

    public Task<AppendResult> AppendAsync(AppendRequest request, CancellationToken cancellationToken = default) => inner.AppendAsync(request, cancellationToken);

    public IAsyncEnumerable<RecordedEvent> ReadStreamAsync(StreamName stream, StreamReadOptions? options = null, CancellationToken cancellationToken = default) =>
        inner.ReadStreamAsync(stream, options, cancellationToken).Where(one => one.Version.Value >= First).Select(one => new RecordedEvent
        {
            Stream = one.Stream,
            Version = one.Version,
            Position = one.Position,
            Id = one.Id,
            Type = one.Type,
            Data = one.Data,
            Metadata = one.Metadata,
            RecordedAt = Times?[one.Version.Value - 1] ?? one.RecordedAt,
        });

    public Task<StreamInfo?> FindStreamAsync(StreamName stream, CancellationToken cancellationToken = default) =>
        Info is null ? inner.FindStreamAsync(stream, cancellationToken) : Task.FromResult<StreamInfo?>(Info(stream));

    public Task<LogPage> ReadLogAsync(LogReadOptions options, CancellationToken cancellationToken = default) => inner.ReadLogAsync(options, cancellationToken);

    public Task<QueryResult> QueryAsync(EventQuery query, CancellationToken cancellationToken = default) => inner.QueryAsync(query, cancellationToken);

    public Task<LogHead> GetHeadAsync(CancellationToken cancellationToken = default) => inner.GetHeadAsync(cancellationToken);

    public Task WaitForAppendAsync(LogPosition after, CancellationToken cancellationToken = default) => inner.WaitForAppendAsync(after, cancellationToken);
}
