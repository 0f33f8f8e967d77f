namespace EventSourcing;

/// <summary>The log was looked at further without an event that passes the filter: the checkpoint moves, nothing else happens.</summary>
/// <param name="Checkpoint">Where a new subscription goes on.</param>
public sealed record Progressed(Checkpoint Checkpoint) : SubscriptionMessage(Checkpoint);
