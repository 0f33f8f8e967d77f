namespace EventSourcing;

/// <summary>A stream as far as it was known at some time: a snapshot or the beginning, and the events since. Never changes.</summary>
/// <param name="Snapshot">Where the events begin; null for the beginning of the stream.</param>
/// <param name="Events">The events after it.</param>
/// <param name="Version">The version of the last of them.</param>
/// <param name="Position">The position of the last of them.</param>
internal sealed record CachedStream(StoredSnapshot? Snapshot, CachedEvent[] Events, StreamVersion Version, LogPosition Position)
{
    public long Bytes { get; } = (Snapshot?.State.Length ?? 0) + Events.Sum(cached => cached.Bytes);

    public CachedStream With(IReadOnlyCollection<CachedEvent> added, StreamVersion version, LogPosition position) =>
        added.Count == 0 ? this : new CachedStream(Snapshot, [.. Events, .. added], version, position);

    /// <summary>Whether a stored event is the last one known here: the same stream still, not one that took its name.</summary>
    public bool EndsWith(ReplayedEvent stored) =>
        stored.Version == Version
        && stored.Position == Position
        && (Events.Length == 0 || (Events[^1].Type == stored.Type && Events[^1].Data.Span.SequenceEqual(stored.Data)));
}
