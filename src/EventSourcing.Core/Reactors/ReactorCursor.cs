namespace EventSourcing;

/// <summary>Where a reactor goes on.</summary>
/// <param name="Position">Up to here, inclusive, its shard has handled the log.</param>
/// <param name="ReceiptsUpTo">The highest position of any receipt: events after it have none from before.</param>
public readonly record struct ReactorCursor(LogPosition Position, LogPosition ReceiptsUpTo);
