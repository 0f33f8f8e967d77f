namespace EventSourcing;

/// <summary>Where the log ends.</summary>
/// <param name="Final">The highest final position: readers are shown the log up to here, and nothing will ever be added
/// below. <see cref="LogPosition.Start"/> in an empty log.</param>
/// <param name="Highest">The highest position of any committed event. It lies above <paramref name="Final"/> only while an
/// append that took a lower position has not ended.</param>
public readonly record struct LogHead(LogPosition Final, LogPosition Highest);
