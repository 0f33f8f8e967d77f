namespace EventSourcing.InMemory;

/// <summary>Finds events by tags and types. Used under the store's lock.</summary>
internal sealed class LogQueries(AppendOnlyList<RecordedEvent> log)
{
    private readonly Dictionary<Tag, AppendOnlyList<RecordedEvent>> tagged = [];

    public void Add(RecordedEvent recorded)
    {
        foreach (var tag in recorded.Tags)
        {
            if (!tagged.TryGetValue(tag, out var events))
            {
                tagged.Add(tag, events = new AppendOnlyList<RecordedEvent>());
            }

            events.Add(recorded);
        }
    }

    /// <summary>The events that match, in position order, each once.</summary>
    public IReadOnlyList<RecordedEvent> Find(EventQuery query) => query.IsAll
        ? log.Snapshot().ToArray()
        : [.. query.Items.SelectMany(Find).DistinctBy(recorded => recorded.Position).OrderBy(recorded => recorded.Position)];

    /// <summary>An event that a condition's decision has not seen; null where there is none.</summary>
    public LogPosition? Unseen(AppendCondition condition)
    {
        for (var i = LogPages.CountUpTo(log.Snapshot().Span, condition.Seen.ReadTo); i < log.Count; i++)
        {
            if (condition.IsSpoiledBy(log[i].Position, log[i].Type, log[i].Tags))
            {
                return log[i].Position;
            }
        }

        return null;
    }

    private IEnumerable<RecordedEvent> Find(EventQueryItem item)
    {
        var candidates = item.Tags.Count == 0 ? log.Snapshot() : tagged.TryGetValue(item.Tags[0], out var events) ? events.Snapshot() : default;
        for (var i = candidates.Length - 1; i >= 0; i--)
        {
            if (!item.Matches(candidates.Span[i].Type, candidates.Span[i].Tags))
            {
                continue;
            }

            yield return candidates.Span[i];
            if (item.IsLatestOnly)
            {
                break;
            }
        }
    }
}
