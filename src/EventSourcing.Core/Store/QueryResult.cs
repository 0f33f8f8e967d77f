namespace EventSourcing;

/// <summary>The events that match a query, and what an append that is decided by them has to name.</summary>
/// <param name="Events">The events in position order, each once.</param>
/// <param name="Point">How much of the log has been seen.</param>
public sealed record QueryResult(IReadOnlyList<RecordedEvent> Events, DecisionPoint Point);
