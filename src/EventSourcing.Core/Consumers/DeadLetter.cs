namespace EventSourcing;

/// <summary>An event that a projection or a reactor has given up on and gone past, kept until somebody tries it again or drops it. The
/// event itself is in the log.</summary>
/// <param name="Consumer">The name of the projection or reactor.</param>
/// <param name="Position">The event's position.</param>
/// <param name="EventId">The event's id.</param>
/// <param name="Stream">The stream that holds the event.</param>
/// <param name="EventType">The stored name of the event's type.</param>
/// <param name="Error">What its last attempt ended with.</param>
/// <param name="Attempts">How often it was tried.</param>
/// <param name="ParkedAt">When it was given up, by the store's clock.</param>
public sealed record DeadLetter(
    string Consumer,
    LogPosition Position,
    Guid EventId,
    StreamName Stream,
    string EventType,
    string Error,
    int Attempts,
    DateTimeOffset ParkedAt);
