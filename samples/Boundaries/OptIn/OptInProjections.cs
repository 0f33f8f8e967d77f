using EventSourcing;

namespace Boundaries.OptIn;

/// <summary>What can be known of tokens.</summary>
internal static class OptInProjections
{
    /// <summary>A subscriber's token: short ones may well be given to several, so both tags tell which it is. Null where it was never sent.</summary>
    public static DecisionProjection<SentToken?> TokenOf(string subscriberId, string token) =>
        new DecisionProjection<SentToken?>(null, Tag.For("subscriber", subscriberId), Tag.For("opt-in-token", token))
            .On<OptInRequested>((_, requested) => new SentToken(requested.ExpiresAt, IsUsed: false))
            .On<OptInConfirmed>((sent, _) => sent! with { IsUsed = true });

    /// <summary>A token that was sent.</summary>
    internal sealed record SentToken(DateTimeOffset ExpiresAt, bool IsUsed);
}
