namespace EventSourcing;

/// <summary>A public message that the broker refused for its own sake, and that was set aside so that the others go on.</summary>
/// <param name="Message">The message.</param>
/// <param name="Error">What its last attempt ended with.</param>
/// <param name="Attempts">How often it was tried.</param>
/// <param name="ParkedAt">When it was set aside, by the store's clock.</param>
public sealed record ParkedMessage(PublicMessage Message, string Error, int Attempts, DateTimeOffset ParkedAt);
