namespace EventSourcing;

/// <summary>A dead letter: an event that a consumer has given up on and gone past.</summary>
/// <param name="Event">The event as stored.</param>
/// <param name="Error">What its last attempt ended with.</param>
/// <param name="Attempts">How often it was tried.</param>
public sealed record ParkedEvent(RecordedEvent Event, string Error, int Attempts);
