namespace EventSourcing.InMemory;

/// <summary>All events, by their place in the log, in their stream, and by their tags; and what an append is held against. Used under
/// the store's lock.</summary>
internal sealed class EventLog(bool isChained)
{
    private readonly Dictionary<StreamName, AppendOnlyList<RecordedEvent>> streams = [];
    private readonly Dictionary<(StreamName Stream, long Version), byte[]> hashes = [];

    // Those that are archived, truncated or deleted.
    private readonly Dictionary<StreamName, StreamInfo> unusual = [];

    // Made anew where events are removed, so that what readers hold stays as it is.
    private AppendOnlyList<RecordedEvent> all = new();
    private LogQueries? queries;

    /// <summary>The position of the last event, which is never removed.</summary>
    public LogPosition Head => all.Count == 0 ? LogPosition.Start : all[all.Count - 1].Position;

    public ReadOnlyMemory<RecordedEvent> All => all.Snapshot();

    public ReadOnlyMemory<RecordedEvent> Of(StreamName stream) => streams.TryGetValue(stream, out var events) ? events.Snapshot() : default;

    public long VersionOf(StreamName stream) => streams.TryGetValue(stream, out var events) ? events[events.Count - 1].Version.Value : 0;

    /// <summary>The streams that are archived, truncated or deleted.</summary>
    public IEnumerable<StreamInfo> Unusual => unusual.Keys.Select(stream => InfoOf(stream)!);

    /// <summary>What is known of a stream besides its events; null where there is none.</summary>
    public StreamInfo? InfoOf(StreamName stream) => !streams.TryGetValue(stream, out var events)
        ? null
        : (unusual.GetValueOrDefault(stream) ?? new StreamInfo(stream, default, default, StreamState.Open)) with
        {
            Version = events[events.Count - 1].Version,
            FirstVersion = events[0].Version,
        };

    /// <summary>Opens or closes a stream.</summary>
    public void Set(StreamName stream, StreamState state, StreamStandIn? standIn)
    {
        unusual[stream] = InfoOf(stream)! with { State = state, StandIn = standIn };
        if (state == StreamState.Open && standIn is null)
        {
            unusual.Remove(stream);
        }
    }

    /// <summary>Removes the events of a stream before a version, and gives them.</summary>
    public IReadOnlyList<RecordedEvent> Remove(StreamName stream, StreamVersion before)
    {
        RecordedEvent[] gone = [.. streams[stream].Snapshot().ToArray().Where(IsGone)];
        streams[stream] = streams[stream].Without(IsGone);
        all = all.Without(IsGone);
        queries = new LogQueries(all);
        foreach (var recorded in all.Snapshot().Span)
        {
            queries.Add(recorded);
        }

        foreach (var recorded in gone.SkipLast(1))
        {
            // But for the last one's, which the first event that is left follows.
            hashes.Remove((stream, recorded.Version.Value));
        }

        return gone;

        bool IsGone(RecordedEvent recorded) => recorded.Stream == stream && recorded.Version < before;
    }

    public IReadOnlyList<RecordedEvent> Find(EventQuery query) => Queries.Find(query);

    /// <summary>The hash of an event; nothing where streams are not chained, or there is no such event.</summary>
    public ReadOnlyMemory<byte> HashOf(StreamName stream, long version) => hashes.GetValueOrDefault((stream, version));

    public void Add(RecordedEvent recorded)
    {
        if (!streams.TryGetValue(recorded.Stream, out var stream))
        {
            streams.Add(recorded.Stream, stream = new AppendOnlyList<RecordedEvent>());
        }

        stream.Add(recorded);
        all.Add(recorded);
        Queries.Add(recorded);
        if (isChained)
        {
            hashes.Add(
                (recorded.Stream, recorded.Version.Value), EventHash.Of(HashOf(recorded.Stream, recorded.Version.Value - 1).Span, recorded));
        }
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
            var position = stored[IndexOf(stored, version)].Position;
            last = position > last ? position : last;
            results[i] = new StreamAppendResult(part.Stream, version);
        }

        return last == LogPosition.Start ? null : new AppendResult(results, last, AlreadyStored: true);
    }

    /// <summary>Holds an append against the versions of its streams, and its condition.</summary>
    /// <exception cref="StreamClosedException">A stream is archived or deleted.</exception>
    /// <exception cref="ConcurrencyConflictException">An expectation is not met, or the condition; lists all that are not.</exception>
    public void ThrowIfRefused(AppendRequest request)
    {
        foreach (var part in request.Streams)
        {
            if (unusual.TryGetValue(part.Stream, out var info) && info.State != StreamState.Open)
            {
                throw new StreamClosedException(part.Stream, info.State);
            }
        }

        var conflicts = new List<VersionConflict>();
        foreach (var part in request.Streams)
        {
            var current = new StreamVersion(VersionOf(part.Stream));
            if (!part.Expected.IsMetBy(current))
            {
                conflicts.Add(new VersionConflict(part.Stream, part.Expected, current));
            }
        }

        var unseen = request.Condition is { } condition ? Queries.Unseen(condition) : null;
        if (conflicts.Count > 0 || unseen is not null)
        {
            throw new ConcurrencyConflictException(conflicts, unseen);
        }
    }

    private LogQueries Queries => queries ??= new LogQueries(all);

    private static bool Holds(AppendOnlyList<RecordedEvent> stored, StreamAppend part)
    {
        var first = IndexOf(stored, part.Expected.Version.Add(1));
        if (first < 0 || first + part.Events.Count > stored.Count)
        {
            return false;
        }

        for (var i = 0; i < part.Events.Count; i++)
        {
            if (stored[first + i].Id != part.Events[i].Id)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Where a version stands: they follow one another without a hole, from the first that is left.</summary>
    private static int IndexOf(AppendOnlyList<RecordedEvent> stream, StreamVersion version) =>
        (int)Math.Clamp(version.Value - stream[0].Version.Value, -1, stream.Count);
}
