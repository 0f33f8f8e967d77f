namespace EventSourcing;

/// <summary>Takes one event of a replay; see <see cref="IEventStore.ReplayAsync"/>.</summary>
/// <param name="replayed">The event; do not keep its payload.</param>
public delegate void ReplayHandler(ReplayedEvent replayed);
