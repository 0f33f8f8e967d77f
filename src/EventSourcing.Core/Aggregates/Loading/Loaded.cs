namespace EventSourcing;

/// <summary>A state folded from a stream, and how it came about.</summary>
/// <param name="State">The state.</param>
/// <param name="Version">The version of the last event folded.</param>
/// <param name="Position">The position of that event.</param>
/// <param name="IsChecked">Whether the store was asked; false for a state that comes from the cache alone.</param>
/// <param name="Known">What the cache may keep; null without a cache.</param>
internal readonly record struct Loaded<TState>(
    TState State, StreamVersion Version, LogPosition Position, bool IsChecked, CachedStream? Known);
