namespace EventSourcing.Testing;

/// <summary>What came of one event or message.</summary>
/// <param name="Effects">Commands, then messages in the order in which they are due, then cancellations.</param>
/// <param name="Ids">What tells each of them from others, in the same order.</param>
internal sealed record Handling(IReadOnlyList<object> Effects, IReadOnlyList<string> Ids)
{
    /// <summary>The event as it was read; empty for a message.</summary>
    public IReadOnlyList<EventEnvelope> Events { get; init; } = [];

    /// <summary>The message; null for an event.</summary>
    public ScheduledMessage? Message { get; init; }

    /// <summary>The idempotency keys; none where nothing was handled.</summary>
    public IReadOnlyList<string> Keys { get; init; } = [];

    /// <summary>What the handler threw.</summary>
    public Exception? Failure { get; init; }
}
