namespace EventSourcing;

/// <summary>How far a restore has come.</summary>
/// <param name="Stored">Events that this run has stored.</param>
/// <param name="Position">The position of the last event that is stored.</param>
/// <param name="End">Where the source ends.</param>
public sealed record RestoreProgress(long Stored, LogPosition Position, LogPosition End);
