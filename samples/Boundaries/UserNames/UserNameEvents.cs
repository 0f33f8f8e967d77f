using EventSourcing;

namespace Boundaries.UserNames;

/// <summary>A user has a name.</summary>
/// <param name="Name">The name, in lower case.</param>
/// <param name="UserId">The user.</param>
[EventType("user-name-claimed")]
public sealed record UserNameClaimed([Tag("user-name")] string Name, [Tag("user")] string UserId);

/// <summary>A user has given a name up, by taking another or by leaving.</summary>
/// <param name="Name">The name, in lower case.</param>
/// <param name="UserId">The user.</param>
/// <param name="At">Since when.</param>
[EventType("user-name-released")]
public sealed record UserNameReleased([Tag("user-name")] string Name, [Tag("user")] string UserId, DateTimeOffset At);
