using EventSourcing;

namespace Boundaries.UserNames;

/// <summary>What can be known of names and users, one thing each.</summary>
internal static class UserNameProjections
{
    /// <summary>Who has a name or had it last; null for nobody yet.</summary>
    public static DecisionProjection<Holder?> HolderOf(string name) => new DecisionProjection<Holder?>(null, Tag.For("user-name", name))
        .On<UserNameClaimed>((_, claimed) => new Holder(claimed.UserId, ReleasedAt: null))
        .On<UserNameReleased>((_, released) => new Holder(released.UserId, released.At));

    /// <summary>The name that a user has; null for none.</summary>
    public static DecisionProjection<string?> NameOf(string userId) => new DecisionProjection<string?>(null, Tag.For("user", userId))
        .On<UserNameClaimed>((_, claimed) => claimed.Name)
        .On<UserNameReleased>((name, released) => name == released.Name ? null : name);

    /// <summary>Who has a name, or has given it up.</summary>
    internal sealed record Holder(string UserId, DateTimeOffset? ReleasedAt);
}
