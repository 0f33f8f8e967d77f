namespace EventSourcing;

/// <summary>One expectation that a stream did not meet.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Expected">What the append expected of it.</param>
/// <param name="Actual">The version that it is at; 0 where there is no stream.</param>
public readonly record struct VersionConflict(StreamName Stream, ExpectedVersion Expected, StreamVersion Actual);
