namespace EventSourcing;

/// <summary>What a command came to.</summary>
/// <param name="Position">The position of the last event written; where none was, of the last event that the decision
/// rests on. A read model that has passed it shows what the command's caller knows.</param>
/// <param name="Streams">The streams written to or looked at, with their versions now.</param>
/// <param name="Events">The events written, in order; none where nothing was to happen.</param>
public sealed record CommandResult(LogPosition Position, IReadOnlyList<StreamAppendResult> Streams, IReadOnlyList<object> Events);
