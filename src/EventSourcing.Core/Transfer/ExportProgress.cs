namespace EventSourcing;

/// <summary>How far an export has come.</summary>
/// <param name="Written">Events that this run has written.</param>
/// <param name="Position">The position of the last event in the file.</param>
/// <param name="End">Where the log ended when the export was begun.</param>
public sealed record ExportProgress(long Written, LogPosition Position, LogPosition End);
