namespace EventSourcing;

/// <summary>What is wrong where a chain is broken.</summary>
public enum ChainBreakKind
{
    /// <summary>The event does not fit its hash: its content, its place or its time was changed; or the one before it was put in the place of
    /// another, with a hash of its own.</summary>
    Changed = 0,

    /// <summary>There is no event of this version: it was removed.</summary>
    Missing = 1,

    /// <summary>The event has no hash, although those before it have.</summary>
    Unhashed = 2,

    /// <summary>The event stands in another's place: the next one of the stream comes before it in the log.</summary>
    OutOfOrder = 3,

    /// <summary>The event is beyond the end of its stream, or of no stream at all: it was put there past the functions that append.</summary>
    Unexpected = 4,

    /// <summary>The chain fits itself, and is not the one of which the anchor was taken: it was made anew since.</summary>
    OtherThanAnchor = 5,
}
