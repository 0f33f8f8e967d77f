namespace EventSourcing;

/// <summary>A state as it was after an event, as bytes.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Name">The name of the <see cref="SnapshotPolicy"/> that it was taken by.</param>
/// <param name="SchemaVersion">The version of the state's shape.</param>
/// <param name="Version">The version of the last event folded into it.</param>
/// <param name="Position">The position of that event.</param>
/// <param name="State">The state, as JSON in UTF-8.</param>
public sealed record StoredSnapshot(
    StreamName Stream, string Name, int SchemaVersion, StreamVersion Version, LogPosition Position, ReadOnlyMemory<byte> State);
