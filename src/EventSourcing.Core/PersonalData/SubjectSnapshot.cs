namespace EventSourcing;

/// <summary>A snapshot that a subject's data was folded into.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Name">The name of the <see cref="SnapshotPolicy"/> that it was taken by.</param>
/// <param name="Version">The version of the last event folded into it.</param>
/// <param name="IsStandIn">Whether it stands in for events that were truncated: then it cannot be deleted, because the state could not be made any more.</param>
public sealed record SubjectSnapshot(StreamName Stream, string Name, StreamVersion Version, bool IsStandIn);
