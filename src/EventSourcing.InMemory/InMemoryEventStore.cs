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
public sealed class InMemoryEventStore : IEventStore
{
    private readonly Lock gate = new();
    private readonly EventLog log = new();
    private readonly Dictionary<string, IInMemoryInline> inline = new(StringComparer.Ordinal);
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

        // Version v stands at index v - 1; a start beyond either end is the end itself.
        var first = options.From is { } from
            ? (int)Math.Clamp(from.Value - 1, forwards ? 0 : -1, forwards ? events.Length : events.Length - 1)
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
    public Task<LogPage> ReadLogAsync(LogReadOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<LogPage>(cancellationToken);
        }

        // Position p stands at index p - 1.
        var all = Snapshot().Span;
        var end = (int)Math.Min(options.UpTo?.Value ?? long.MaxValue, all.Length);
        var index = (int)Math.Min(options.After.Value, end);
        var found = new List<RecordedEvent>();
        for (; index < end && found.Count < options.PageSize; index++)
        {
            if (options.Filter.Matches(all[index].Stream, all[index].Type, all[index].Tags))
            {
                found.Add(all[index]);
            }
        }

        var readTo = new LogPosition(Math.Max(index, options.After.Value));
        return Task.FromResult(new LogPage(found, readTo, IsEnd: index == end));
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
            return Task.FromResult(new QueryResult(log.Find(query), DecisionPoint.At(new LogPosition(log.Count))));
        }
    }

    /// <inheritdoc/>
    public Task<LogHead> GetHeadAsync(CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<LogHead>(cancellationToken);
        }

        var head = new LogPosition(Snapshot().Length);
        return Task.FromResult(new LogHead(head, head));
    }

    /// <inheritdoc/>
    public Task WaitForAppendAsync(LogPosition after, CancellationToken cancellationToken = default)
    {
        lock (gate)
        {
            return log.Count > after.Value ? Task.CompletedTask : appended.Task.WaitAsync(cancellationToken);
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
        catch (Exception refusal) when (refusal is ConcurrencyConflictException or EventHandlingException or EventSerializationException)
        {
            return Task.FromException<AppendResult>(refusal);
        }
    }

    private AppendResult Append(AppendRequest request)
    {
        TaskCompletionSource signal;
        AppendResult result;
        lock (gate)
        {
            if (log.FirstResultOf(request) is { } first)
            {
                return first;
            }

            log.ThrowIfConflicting(request);
            result = Write(request);
            signal = appended;
            appended = NewSignal();
        }

        signal.SetResult();
        return result;
    }

    private AppendResult Write(AppendRequest request)
    {
        var now = time.GetUtcNow();
        var written = new List<RecordedEvent>(request.EventCount);
        var results = new StreamAppendResult[request.Streams.Count];
        for (var i = 0; i < results.Length; i++)
        {
            var part = request.Streams[i];
            var version = log.VersionOf(part.Stream);
            foreach (var data in part.Events)
            {
                written.Add(StoredEvent.From(data, part.Stream, ++version, position: log.Count + written.Count + 1, now));
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

    private ReadOnlyMemory<RecordedEvent> Snapshot()
    {
        lock (gate)
        {
            return log.All;
        }
    }

    private ReadOnlyMemory<RecordedEvent> Snapshot(StreamName stream)
    {
        lock (gate)
        {
            return log.Of(stream);
        }
    }
}
