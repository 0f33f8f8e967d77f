using EventSourcing;

namespace Boundaries.OptIn;

/// <summary>Notes that a subscriber is sent a token, never the same twice.</summary>
public sealed class RequestOptIn(string subscriberId, string token, DateTimeOffset now) : IDecision
{
    /// <summary>For how long a token can be used.</summary>
    public static readonly TimeSpan Validity = TimeSpan.FromHours(1);

    private readonly DecisionProjection<OptInProjections.SentToken?> earlier = OptInProjections.TokenOf(subscriberId, token);

    /// <inheritdoc/>
    public IReadOnlyList<DecisionProjection> Projections => [earlier];

    /// <inheritdoc/>
    public IEnumerable<object> Decide(DecisionState known) => known.Of(earlier) is null
        ? [new OptInRequested(subscriberId, token, now + Validity)]
        : throw new RefusedException("This token was sent before; make another.");
}
