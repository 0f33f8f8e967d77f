using EventSourcing;

namespace Boundaries.OptIn;

/// <summary>A subscriber was sent a token, to say yes with.</summary>
/// <param name="SubscriberId">The subscriber.</param>
/// <param name="Token">The token; in an application of yours, its hash: events are kept for ever.</param>
/// <param name="ExpiresAt">Until when it can be used.</param>
[EventType("opt-in-requested")]
public sealed record OptInRequested([Tag("subscriber")] string SubscriberId, [Tag("opt-in-token")] string Token, DateTimeOffset ExpiresAt);

/// <summary>The subscriber has said yes.</summary>
/// <param name="SubscriberId">The subscriber.</param>
/// <param name="Token">The token, which is used up.</param>
[EventType("opt-in-confirmed")]
public sealed record OptInConfirmed([Tag("subscriber")] string SubscriberId, [Tag("opt-in-token")] string Token);
