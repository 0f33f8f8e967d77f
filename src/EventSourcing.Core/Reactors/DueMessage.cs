namespace EventSourcing;

/// <summary>The message that comes next.</summary>
/// <param name="Message">The message.</param>
/// <param name="DueIn">How long until it is to be delivered, by the store's clock; zero or less where it is time.</param>
public sealed record DueMessage(ScheduledMessage Message, TimeSpan DueIn);
