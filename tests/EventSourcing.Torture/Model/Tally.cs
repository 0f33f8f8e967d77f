namespace EventSourcing.Torture;

/// <summary>What every view shows. The chain tells an event that was applied twice, left out or out of order.</summary>
internal sealed record Tally(long Count, long Sum, long Chain, int Version)
{
    public static Tally After(Tally? before, long amount, long position, int version) => new(
        (before?.Count ?? 0) + 1,
        (before?.Sum ?? 0) + amount,
        (((before?.Chain ?? 0) * 1_000_003) + position) % 1_000_000_007,
        version);
}
