namespace EventSourcing;

/// <summary>A stream's version after an append.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Version">Its version after the append: for a retry the version after the first run, for a stream that was
/// only checked its current one.</param>
public readonly record struct StreamAppendResult(StreamName Stream, StreamVersion Version);
