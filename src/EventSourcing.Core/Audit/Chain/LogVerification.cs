using System.Globalization;

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

    /// <summary>For people: what was looked at, and each break on a line of its own.</summary>
    public override string ToString() => string.Join(
        Environment.NewLine, Breaks.Select(found => found.ToString()).Prepend(string.Create(
            CultureInfo.InvariantCulture,
            $"{Streams:N0} streams, {Events:N0} events fit their hashes, {Unchained:N0} have none; {(IsIntact ? "intact" : $"{Breaks.Count:N0} broken")}")));
}
