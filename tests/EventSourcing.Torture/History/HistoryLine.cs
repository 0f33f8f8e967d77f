namespace EventSourcing.Torture;

/// <summary>A line of a history: one of them.</summary>
internal sealed record HistoryLine(AppendBegun? Begun, AppendEnded? Ended, Looked? Looked = null, Queried? Queried = null);
