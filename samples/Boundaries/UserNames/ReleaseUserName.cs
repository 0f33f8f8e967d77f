using EventSourcing;

namespace Boundaries.UserNames;

/// <summary>A user leaves, and gives the name up.</summary>
public sealed class ReleaseUserName(string userId, DateTimeOffset now) : IDecision
{
    private readonly DecisionProjection<string?> current = UserNameProjections.NameOf(userId);

    /// <inheritdoc/>
    public IReadOnlyList<DecisionProjection> Projections => [current];

    /// <inheritdoc/>
    public IEnumerable<object> Decide(DecisionState known) => known.Of(current) is { } name ? [new UserNameReleased(name, userId, now)] : [];
}
