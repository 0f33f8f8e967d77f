namespace EventSourcing;

/// <summary>The events between two checkpoints of a projection.</summary>
/// <param name="From">The checkpoint that the projection stands at.</param>
/// <param name="Events">The events after it that the projection asked for, in position order.</param>
/// <param name="To">The checkpoint that it stands at when the events are applied.</param>
public sealed record ProjectionPage(Checkpoint From, IReadOnlyList<EventEnvelope> Events, Checkpoint To);
