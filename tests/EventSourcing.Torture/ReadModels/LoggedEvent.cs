namespace EventSourcing.Torture;

/// <summary>A row of the log, as plain SQL finds it.</summary>
internal sealed record LoggedEvent(Guid Id, long Position, int Bucket, string Stream, string Type, long Amount, string[] Labels, string? Label, long Number);
