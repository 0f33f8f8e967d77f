namespace EventSourcing;

/// <summary>Everything final has been delivered; from now on events come as they are written. Said once for each time it becomes true.</summary>
/// <param name="Position">Up to here, inclusive, the log has been delivered.</param>
/// <param name="Checkpoint">Where a new subscription goes on.</param>
public sealed record CaughtUp(LogPosition Position, Checkpoint Checkpoint) : SubscriptionMessage(Checkpoint);
