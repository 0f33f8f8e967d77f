namespace EventSourcing;

/// <summary>How much waits in the outbox.</summary>
/// <param name="Waiting">How many messages wait for the broker, without the parked ones.</param>
/// <param name="Age">How long ago the oldest of them was written, by the store's clock; zero where none waits.</param>
/// <param name="Parked">How many messages are set aside.</param>
/// <param name="First">The lowest number of one that waits; 0 where none does.</param>
/// <param name="Last">The highest number of one that waits; 0 where none does.</param>
public sealed record OutboxBacklog(long Waiting, TimeSpan Age, long Parked, long First, long Last);
