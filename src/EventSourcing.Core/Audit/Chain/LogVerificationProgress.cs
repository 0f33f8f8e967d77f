namespace EventSourcing;

/// <summary>How far a look at all chains has come.</summary>
/// <param name="Streams">Streams that were looked at.</param>
/// <param name="Events">Their events.</param>
/// <param name="Bucket">The bucket of the last of them: of 1,024, which are about equally large.</param>
public sealed record LogVerificationProgress(long Streams, long Events, int Bucket);
