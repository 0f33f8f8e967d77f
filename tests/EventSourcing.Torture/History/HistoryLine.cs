namespace EventSourcing.Torture;

/// <summary>A line of a history: one of the two.</summary>
internal sealed record HistoryLine(AppendBegun? Begun, AppendEnded? Ended);
