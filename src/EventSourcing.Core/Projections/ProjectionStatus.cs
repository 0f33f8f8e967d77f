namespace EventSourcing;

/// <summary>How a projection stands.</summary>
/// <param name="Name">The projection.</param>
/// <param name="State">What it is doing.</param>
/// <param name="Position">Up to here, inclusive, its read model shows the log.</param>
/// <param name="Error">The last failure, while it is retrying or failed.</param>
public sealed record ProjectionStatus(string Name, ProjectionState State, LogPosition Position, Exception? Error);
