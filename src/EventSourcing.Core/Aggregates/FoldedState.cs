namespace EventSourcing;

/// <summary>A state folded from a stream.</summary>
/// <typeparam name="TState">The state.</typeparam>
/// <param name="State">The state after the last event read.</param>
/// <param name="Version">The version of that event, as the store gave it; 0 where there is no stream.</param>
/// <param name="Position">The position of that event; <see cref="LogPosition.Start"/> where there is none.</param>
public sealed record FoldedState<TState>(TState State, StreamVersion Version, LogPosition Position);
