using EventSourcing;

namespace Boundaries.OptIn;

/// <summary>A subscriber says yes, with a token that was sent to just this one, once and in time.</summary>
public sealed class ConfirmOptIn(string subscriberId, string token, DateTimeOffset now) : IDecision
{
    private readonly DecisionProjection<OptInProjections.SentToken?> sent = OptInProjections.TokenOf(subscriberId, token);

    /// <inheritdoc/>
    public IReadOnlyList<DecisionProjection> Projections => [sent];

    /// <inheritdoc/>
    public IEnumerable<object> Decide(DecisionState known) => known.Of(sent) switch
    {
        null => throw new RefusedException("This token was never sent."),
        { IsUsed: true } => throw new RefusedException("This token has been used."),
        { ExpiresAt: var end } when now >= end => throw new RefusedException("This token has expired."),
        _ => [new OptInConfirmed(subscriberId, token)],
    };
}
