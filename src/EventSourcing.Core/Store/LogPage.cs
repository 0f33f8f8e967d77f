namespace EventSourcing;

/// <summary>One page of the log.</summary>
/// <param name="Events">The events that pass the filter, in position order.</param>
/// <param name="ReadTo">Up to here, inclusive, the log has been looked at: the next page starts after it. It moves on also
/// where no event passed the filter, and never beyond the last position that is final.</param>
/// <param name="IsEnd">Whether nothing final (or nothing up to the asked position) is left after <paramref name="ReadTo"/>.</param>
public sealed record LogPage(IReadOnlyList<RecordedEvent> Events, LogPosition ReadTo, bool IsEnd);
