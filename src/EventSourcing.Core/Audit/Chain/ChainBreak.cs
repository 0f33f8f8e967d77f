namespace EventSourcing;

/// <summary>Where a chain is broken.</summary>
/// <param name="Kind">What is wrong.</param>
/// <param name="Stream">The stream; null for the log as a whole.</param>
/// <param name="Version">The version at which it is broken first.</param>
/// <param name="Position">The position of the event that is wrong; where one is missing, of the next one; null where there is none.</param>
public sealed record ChainBreak(ChainBreakKind Kind, StreamName? Stream, StreamVersion Version, LogPosition? Position)
{
    /// <summary>For people: which event, and what is wrong with it.</summary>
    public override string ToString() => Stream is not { } stream
        ? "The log is another than the one of which the anchor was taken: a stream was rewritten with its hashes, shortened or removed."
        : $"Stream '{stream}' is broken at version {Version}{(Position is { } at ? $", position {at}" : string.Empty)}: " + Kind switch
        {
            ChainBreakKind.Changed => "the event does not fit its hash; it was changed, or the one before it was replaced.",
            ChainBreakKind.Missing => "the event is missing.",
            ChainBreakKind.Unhashed => "the event has no hash.",
            ChainBreakKind.OutOfOrder => "the event stands in the place of another.",
            ChainBreakKind.Unexpected => "the event was not appended to the stream.",
            _ => "the event is another than when the anchor was taken.",
        };
}
