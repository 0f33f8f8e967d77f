namespace EventSourcing;

/// <summary>What a successful append answers.</summary>
/// <param name="Streams">Each stream of the append, in its order, with its version after the append.</param>
/// <param name="Position">The position of the append's last event; <see cref="LogPosition.Start"/> where nothing was to be written.</param>
/// <param name="AlreadyStored">Whether an earlier run of the same append had stored the events, so that this one wrote nothing.</param>
public sealed record AppendResult(IReadOnlyList<StreamAppendResult> Streams, LogPosition Position, bool AlreadyStored = false);
