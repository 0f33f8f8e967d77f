namespace EventSourcing;

/// <summary>A snapshot that is kept, without its state.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Name">The name of the <see cref="SnapshotPolicy"/> that it was taken by.</param>
/// <param name="Version">The version of the last event folded into it.</param>
public sealed record KeptSnapshot(StreamName Stream, string Name, StreamVersion Version);
