namespace EventSourcing;

/// <summary>The events between two positions of a consumer.</summary>
/// <param name="From">The position that the consumer stands at: what is up to it, inclusive, has been applied.</param>
/// <param name="Events">The events after it that the consumer asked for, in position order.</param>
/// <param name="To">The position that it stands at when the events are applied.</param>
public sealed record EventPage(LogPosition From, IReadOnlyList<EventEnvelope> Events, LogPosition To)
{
    /// <summary>An event of this page that is not among <see cref="Events"/>, because the consumer has given up on it: to be kept
    /// as a dead letter, in the same transaction. Null for most pages.</summary>
    public ParkedEvent? Parked { get; init; }
}
