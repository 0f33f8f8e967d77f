namespace EventSourcing.InMemory;

/// <summary>All events, by their place in the log, in their stream, and by their tags; and what an append is held against. Used under
/// the store's lock.</summary>
internal sealed class EventLog
{
    private readonly AppendOnlyList<RecordedEvent> all = new();
    private readonly Dictionary<StreamName, AppendOnlyList<RecordedEvent>> streams = [];
    private readonly LogQueries queries;

    public EventLog() => queries = new LogQueries(all);

    /// <summary>The position of the last event.</summary>
    public LogPosition Head => all.Count == 0 ? LogPosition.Start : all[all.Count - 1].Position;

    public ReadOnlyMemory<RecordedEvent> All => all.Snapshot();

    public ReadOnlyMemory<RecordedEvent> Of(StreamName stream) => streams.TryGetValue(stream, out var events) ? events.Snapshot() : default;

    public long VersionOf(StreamName stream) => streams.TryGetValue(stream, out var events) ? events[events.Count - 1].Version.Value : 0;

    public IReadOnlyList<RecordedEvent> Find(EventQuery query) => queries.Find(query);

    public void Add(RecordedEvent recorded)
    {
        if (!streams.TryGetValue(recorded.Stream, out var stream))
        {
            streams.Add(recorded.Stream, stream = new AppendOnlyList<RecordedEvent>());
        }

        stream.Add(recorded);
        all.Add(recorded);
        queries.Add(recorded);
    }

    /// <summary>The first result of an append that is stored already: every stream that it writes holds exactly its ids.</summary>
    public AppendResult? FirstResultOf(AppendRequest request)
    {
        var last = LogPosition.Start;
        var results = new StreamAppendResult[request.Streams.Count];
        for (var i = 0; i < results.Length; i++)
        {
            var part = request.Streams[i];
            if (part.Events.Count == 0)
            {
                results[i] = new StreamAppendResult(part.Stream, new StreamVersion(VersionOf(part.Stream)));
                continue;
            }

            if (!part.Expected.IsExact || !streams.TryGetValue(part.Stream, out var stored) || !Holds(stored, part))
            {
                return null;
            }

            var version = part.Expected.Version.Add(part.Events.Count);
            var position = stored[(int)(version.Value - stored[0].Version.Value)].Position;
            last = position > last ? position : last;
            results[i] = new StreamAppendResult(part.Stream, version);
        }

        return last == LogPosition.Start ? null : new AppendResult(results, last, AlreadyStored: true);
    }

    /// <summary>Holds an append against the versions of its streams, and its condition.</summary>
    /// <exception cref="ConcurrencyConflictException">An expectation is not met, or the condition; lists all that are not.</exception>
    public void ThrowIfConflicting(AppendRequest request)
    {
        var conflicts = new List<VersionConflict>();
        foreach (var part in request.Streams)
        {
            var current = new StreamVersion(VersionOf(part.Stream));
            if (!part.Expected.IsMetBy(current))
            {
                conflicts.Add(new VersionConflict(part.Stream, part.Expected, current));
            }
        }

        var unseen = request.Condition is { } condition ? queries.Unseen(condition) : null;
        if (conflicts.Count > 0 || unseen is not null)
        {
            throw new ConcurrencyConflictException(conflicts, unseen);
        }
    }

    private static bool Holds(AppendOnlyList<RecordedEvent> stored, StreamAppend part)
    {
        // Not 0 where the stream's first events were left behind elsewhere.
        var start = part.Expected.Version.Value + 1 - stored[0].Version.Value;
        if (start < 0 || start + part.Events.Count > stored.Count)
        {
            return false;
        }

        for (var i = 0; i < part.Events.Count; i++)
        {
            if (stored[(int)start + i].Id != part.Events[i].Id)
            {
                return false;
            }
        }

        return true;
    }
}
