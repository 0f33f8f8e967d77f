namespace EventSourcing;

/// <summary>What is stored when an event or a message has been handled: its receipt, and what the handler scheduled or cancelled.</summary>
/// <param name="Receipt">The id of the event or message.</param>
/// <param name="Position">The position of the event; for a message, of the event that scheduled it.</param>
public sealed record ReactorOutcome(Guid Receipt, LogPosition Position)
{
    /// <summary>Messages to be kept, each in the place of an older one of its key.</summary>
    public IReadOnlyCollection<ScheduledMessage> Scheduled { get; init; } = [];

    /// <summary>The keys of messages to be dropped; none of them is scheduled again here.</summary>
    public IReadOnlyCollection<string> Cancelled { get; init; } = [];
}
