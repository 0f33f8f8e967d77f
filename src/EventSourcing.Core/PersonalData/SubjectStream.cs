namespace EventSourcing;

/// <summary>A stream that holds personal data of a subject.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Events">How many of its events do.</param>
/// <param name="FirstVersion">The version of the first of them.</param>
public sealed record SubjectStream(StreamName Stream, int Events, StreamVersion FirstVersion);
