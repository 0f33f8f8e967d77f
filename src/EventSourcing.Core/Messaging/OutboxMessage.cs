namespace EventSourcing;

/// <summary>A message in the outbox.</summary>
/// <param name="Number">Its place in the order; rises, with gaps.</param>
/// <param name="Message">The message as it was written.</param>
public sealed record OutboxMessage(long Number, PublicMessage Message);
