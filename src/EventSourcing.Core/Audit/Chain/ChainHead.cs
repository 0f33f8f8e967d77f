namespace EventSourcing;

/// <summary>The end of a stream's chain: kept elsewhere, it tells later whether the stream was rewritten up to there.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Version">The version of its last event.</param>
/// <param name="Hash">The hash of this event, in hexadecimal digits.</param>
public sealed record ChainHead(StreamName Stream, StreamVersion Version, string Hash);
