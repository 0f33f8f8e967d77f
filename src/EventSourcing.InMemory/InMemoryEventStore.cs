using System.Runtime.CompilerServices;

namespace EventSourcing.InMemory;

/// <summary>
/// Keeps events in memory: the store for tests, and the smallest complete example of an adapter.
/// </summary>
/// <remarks>
/// It keeps bytes, as a database does, so that an event that does not survive serialization fails here too. All appends
/// go through one lock; readers take a snapshot of what is there and then read without a lock, because what is written
/// never changes. A position is final as soon as it is visible.
/// </remarks>
public sealed class InMemoryEventStore : IEventStore, ILogRestore
{
    private readonly Lock gate = new();
    private readonly EventLog log;
    private readonly Dictionary<string, IInMemoryInline> inline = new(StringComparer.Ordinal);
    private readonly LogRestoration restoration = new();
    private readonly InMemoryOptions options;
    private readonly TimeProvider time;
    private TaskCompletionSource appended = NewSignal();

    /// <summary>Makes an empty store.</summary>
    /// <param name="options">Its limits.</param>
    /// <param name="time">The clock for <see cref="RecordedEvent.RecordedAt"/>; the system's by default.</param>
    public InMemoryEventStore(InMemoryOptions? options = null, TimeProvider? time = null)
    {
        this.options = options ?? new InMemoryOptions();
        this.time = time ?? TimeProvider.System;
        log = new EventLog(this.options.HashChain);
    }

    /// <inheritdoc/>
    public Task<AppendResult> AppendAsync(AppendRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        request.ThrowIfLargerThan(options.MaxEventBytes, options.MaxAppendBytes);
        return EventSourcingTelemetry.MeasureAppendAsync(request, this, static (request, store, token) => store.OnceAsync(request, token), cancellationToken);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<RecordedEvent> ReadStreamAsync(
        StreamName stream,
        StreamReadOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        _ = stream.Value;
        await Task.CompletedTask.ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        options ??= new StreamReadOptions();
        var events = Snapshot(stream);
        var forwards = options.Direction == ReadDirection.Forwards;

        // Versions follow one another; a start beyond either end is the end itself.
        var first = options.From is { } from && events.Length > 0
            ? (int)Math.Clamp(from.Value - events.Span[0].Version.Value, forwards ? 0 : -1, forwards ? events.Length : events.Length - 1)
            : forwards ? 0 : events.Length - 1;
        var available = forwards ? events.Length - first : first + 1;
        var count = Math.Min(options.MaxCount ?? int.MaxValue, available);
        for (var i = 0; i < count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return events.Span[forwards ? first + i : first - i];
        }
    }

    /// <inheritdoc/>
    public Task<StreamInfo?> FindStreamAsync(StreamName stream, CancellationToken cancellationToken = default)
    {
        _ = stream.Value;
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<StreamInfo?>(cancellationToken);
        }

        return Task.FromResult(WhileNobodyAppends(log => log.InfoOf(stream)));
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<StreamInfo> ReadStreamsAsync(CancellationToken cancellationToken = default) =>
        WhileNobodyAppends(log => log.Unusual.OrderBy(found => found.Stream.Value, StringComparer.Ordinal).ToArray()).ToAsyncEnumerable();

    /// <inheritdoc/>
    public Task<LogPage> ReadLogAsync(LogReadOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<LogPage>(cancellationToken);
        }

        return Task.FromResult(LogPages.Of(Snapshot(), options));
    }

    /// <inheritdoc/>
    public Task<QueryResult> QueryAsync(EventQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<QueryResult>(cancellationToken);
        }

        lock (gate)
        {
            return Task.FromResult(new QueryResult(log.Find(query), DecisionPoint.At(log.Head)));
        }
    }

    /// <inheritdoc/>
    public Task<LogHead> GetHeadAsync(CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<LogHead>(cancellationToken);
        }

        var head = WhileNobodyAppends(log => log.Head);
        return Task.FromResult(new LogHead(head, head));
    }

    /// <inheritdoc/>
    /// <remarks>In batches of 1,000 events; interrupted, it goes on for as long as the store lives.</remarks>
    public Task<RestoreProgress> RestoreAsync(ILogSource source, IProgress<RestoreProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        lock (gate)
        {
            if (inline.Count > 0)
            {
                throw new InvalidOperationException("A restore does not apply inline projections: restore with a store that has none, before they begin.");
            }
        }

        return LogRestorer.RestoreAsync(this, restoration, source, options.MaxEventBytes, progress, cancellationToken);
    }

    /// <inheritdoc/>
    public Task WaitForAppendAsync(LogPosition after, CancellationToken cancellationToken = default)
    {
        lock (gate)
        {
            return log.Head > after ? Task.CompletedTask : appended.Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Has appends apply a projection; in the place of another of its name.</summary>
    internal void AddInline(string name, IInMemoryInline projection)
    {
        lock (gate)
        {
            inline[name] = projection;
        }
    }

    /// <summary>Does something between appends.</summary>
    internal void WhileNobodyAppends(Action<ReadOnlyMemory<RecordedEvent>> action)
    {
        lock (gate)
        {
            action(log.All);
        }
    }

    /// <summary>Looks at events between appends.</summary>
    internal T WhileNobodyAppends<T>(Func<EventLog, T> look)
    {
        lock (gate)
        {
            return look(log);
        }
    }

    /// <summary>Maintains a stream between appends; what is written to the log by the way is an append.</summary>
    internal T Maintain<T>(Func<EventLog, Func<AppendRequest, AppendResult>, T> work)
    {
        T result;
        TaskCompletionSource? signal = null;
        lock (gate)
        {
            var head = log.Head;
            result = work(log, Write);
            if (log.Head > head)
            {
                signal = appended;
                appended = NewSignal();
            }
        }

        signal?.SetResult();
        return result;
    }

    /// <summary>The clock.</summary>
    internal DateTimeOffset Now => time.GetUtcNow();

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Task<AppendResult> OnceAsync(AppendRequest request, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<AppendResult>(cancellationToken);
        }

        try
        {
            return Task.FromResult(Append(request));
        }
        catch (Exception refusal) when (refusal
            is ConcurrencyConflictException or StreamClosedException or EventHandlingException or EventSerializationException or EventStoreUnavailableException)
        {
            return Task.FromException<AppendResult>(refusal);
        }
    }

    private AppendResult Append(AppendRequest request)
    {
        AppendResult result;
        lock (gate)
        {
            if (log.FirstResultOf(request) is { } first)
            {
                return first;
            }

            log.ThrowIfRefused(request);
            result = Write(request);
        }

        WakeReaders();
        return result;
    }

    private void WakeReaders()
    {
        TaskCompletionSource signal;
        lock (gate)
        {
            (signal, appended) = (appended, NewSignal());
        }

        signal.SetResult();
    }

    private AppendResult Write(AppendRequest request)
    {
        if (request.EventCount > 0)
        {
            restoration.ThrowIfUnderWay();
        }

        var now = time.GetUtcNow();
        var next = restoration.NextAfter(log.Head);
        var written = new List<RecordedEvent>(request.EventCount);
        var results = new StreamAppendResult[request.Streams.Count];
        for (var i = 0; i < results.Length; i++)
        {
            var part = request.Streams[i];
            var version = log.VersionOf(part.Stream);
            foreach (var data in part.Events)
            {
                written.Add(StoredEvent.From(data, part.Stream, ++version, position: next + written.Count, now));
            }

            results[i] = new StreamAppendResult(part.Stream, new StreamVersion(version));
        }

        if (written.Count == 0)
        {
            return new AppendResult(results, LogPosition.Start);
        }

        // What may fail comes first, and then nothing is stored.
        var applied = inline.Values.Select(one => one.Prepare(written)).ToArray();
        foreach (var recorded in written)
        {
            log.Add(recorded);
        }

        Array.ForEach(applied, keep => keep());

        return new AppendResult(results, written[^1].Position);
    }

    private ReadOnlyMemory<RecordedEvent> Snapshot() => WhileNobodyAppends(log => log.All);

    private ReadOnlyMemory<RecordedEvent> Snapshot(StreamName stream) => WhileNobodyAppends(log => log.Of(stream));
}
