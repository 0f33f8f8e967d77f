namespace EventSourcing;

/// <summary>Somebody who follows the log and has not read all events that were to be removed.</summary>
/// <param name="Consumer">The name of the projection, reactor, translator or checkpoint.</param>
/// <param name="Position">Up to where it has read the log; of an event that it has parked, that event's position.</param>
/// <param name="IsParked">Whether it is about an event that it has given up on and parked.</param>
public sealed record UnreadBy(string Consumer, LogPosition Position, bool IsParked = false);
