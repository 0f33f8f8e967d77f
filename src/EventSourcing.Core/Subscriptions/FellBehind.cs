namespace EventSourcing;

/// <summary>More is waiting than one page: the subscriber is slower than the writers. Said once for each time it becomes true after <see cref="CaughtUp"/>.</summary>
/// <param name="Position">Up to here, inclusive, the log has been delivered.</param>
/// <param name="Checkpoint">Where a new subscription goes on.</param>
public sealed record FellBehind(LogPosition Position, Checkpoint Checkpoint) : SubscriptionMessage(Checkpoint);
