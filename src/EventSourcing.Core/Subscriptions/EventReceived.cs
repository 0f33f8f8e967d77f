namespace EventSourcing;

/// <summary>An event that passes the subscription's filter.</summary>
/// <param name="Event">The event.</param>
/// <param name="Checkpoint">Where a new subscription goes on after it.</param>
public sealed record EventReceived(RecordedEvent Event, Checkpoint Checkpoint) : SubscriptionMessage(Checkpoint);
