using EventSourcing;

namespace Boundaries.UserNames;

/// <summary>Gives a user a name that nobody else has, whatever its case; the name that the user had is given up. A name that was given
/// up stays its last holder's for a while, so that nobody is taken for somebody else.</summary>
public sealed class ClaimUserName : IDecision
{
    /// <summary>For how long nobody else gets a name that was given up.</summary>
    public static readonly TimeSpan ReleasePeriod = TimeSpan.FromDays(30);

    private readonly string name;
    private readonly string userId;
    private readonly DateTimeOffset now;
    private readonly DecisionProjection<UserNameProjections.Holder?> holder;
    private readonly DecisionProjection<string?> current;

    /// <summary>Makes the decision.</summary>
    /// <param name="name">The name.</param>
    /// <param name="userId">The user.</param>
    /// <param name="now">The time.</param>
    public ClaimUserName(string name, string userId, DateTimeOffset now)
    {
        this.name = name.Trim().ToLowerInvariant();
        this.userId = userId;
        this.now = now;
        holder = UserNameProjections.HolderOf(this.name);
        current = UserNameProjections.NameOf(userId);
    }

    /// <inheritdoc/>
    public IReadOnlyList<DecisionProjection> Projections => [holder, current];

    /// <inheritdoc/>
    public IEnumerable<object> Decide(DecisionState known)
    {
        if (known.Of(current) == name)
        {
            return [];
        }

        if (known.Of(holder) is { } other && other.UserId != userId && !(now - other.ReleasedAt >= ReleasePeriod))
        {
            throw new RefusedException($"The name {name} is taken.");
        }

        return known.Of(current) is { } old
            ? [new UserNameReleased(old, userId, now), new UserNameClaimed(name, userId)]
            : [new UserNameClaimed(name, userId)];
    }
}
