namespace EventSourcing;

/// <summary>What a view's handler is told besides the view and the event.</summary>
/// <param name="Key">The view's key.</param>
/// <param name="Envelope">The event's stream, version, position, time and metadata.</param>
public readonly record struct ViewContext(string Key, EventEnvelope Envelope);
