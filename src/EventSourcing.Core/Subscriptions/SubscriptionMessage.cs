namespace EventSourcing;

/// <summary>
/// What a subscription says: <see cref="EventReceived"/>, <see cref="Progressed"/>, <see cref="CaughtUp"/> or
/// <see cref="FellBehind"/>.
/// </summary>
/// <param name="Checkpoint">Where a new subscription goes on after this message.</param>
public abstract record SubscriptionMessage(Checkpoint Checkpoint);
