namespace EventSourcing.Torture;

/// <summary>A row of the log, as plain SQL finds it.</summary>
internal sealed record LoggedEvent(long Position, int Bucket, string Stream, string Type, long Amount, string[] Labels, string? Label);
