namespace EventSourcing;

/// <summary>What a look at all chains has found.</summary>
/// <param name="Streams">How many streams were looked at.</param>
/// <param name="Events">How many events fit their hash.</param>
/// <param name="Unchained">How many events are before the beginning of their stream's chain: nothing is known of those.</param>
/// <param name="Breaks">The first break of each broken stream, by position; those without one last.</param>
/// <param name="Anchor">What to keep elsewhere, to be verified against later; null where a chain is broken.</param>
public sealed record LogVerification(long Streams, long Events, long Unchained, IReadOnlyList<ChainBreak> Breaks, LogAnchor? Anchor)
{
    /// <summary>Whether nothing was found to be wrong.</summary>
    public bool IsIntact => Breaks.Count == 0;
}
