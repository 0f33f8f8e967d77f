namespace EventSourcing.Conformance;

/// <summary>What maintains the streams of a store, and what is beside it.</summary>
/// <param name="Maintenance">The capability.</param>
/// <param name="Snapshots">The snapshots that it looks for.</param>
/// <param name="Rival">The store as another process has it, or the same one where there is only one process.</param>
public sealed record StreamLife(IStreamMaintenance Maintenance, ISnapshotStore Snapshots, IEventStore Rival);
