namespace EventSourcing;

/// <summary>Something that was done with a stream.</summary>
/// <param name="At">When, by the store's clock.</param>
/// <param name="Kind">What.</param>
/// <param name="Stream">The stream.</param>
/// <param name="Version">The version of its last event afterwards.</param>
/// <param name="FirstVersion">The version of its first event afterwards.</param>
/// <param name="Events">How many events were moved or removed.</param>
/// <param name="EvenUnread">Whether it was asked for although somebody might not have read them.</param>
/// <param name="Note">Who did it, and why.</param>
/// <param name="Login">The store's login; null where the store has none.</param>
public sealed record StreamOperation(
    DateTimeOffset At,
    StreamOperationKind Kind,
    StreamName Stream,
    StreamVersion Version,
    StreamVersion FirstVersion,
    long Events,
    bool EvenUnread,
    MaintenanceNote Note,
    string? Login);
