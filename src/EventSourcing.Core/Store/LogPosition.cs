using System.Globalization;

namespace EventSourcing;

/// <summary>
/// The place of an event in the one total order of the log. Positions start at 1, rise in commit-visible order and may
/// have gaps; 0 (<see cref="Start"/>) is the place before the first event.
/// </summary>
public readonly record struct LogPosition : IComparable<LogPosition>
{
    /// <summary>Wraps a position.</summary>
    /// <param name="value">0 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="value"/> is negative.</exception>
    public LogPosition(long value)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(value);
        Value = value;
    }

    /// <summary>Before the first event: position 0.</summary>
    public static LogPosition Start => default;

    /// <summary>The position as a number.</summary>
    public long Value { get; }

    /// <inheritdoc/>
    public int CompareTo(LogPosition other) => Value.CompareTo(other.Value);

    /// <summary>Whether the left position comes before the right one.</summary>
    public static bool operator <(LogPosition left, LogPosition right) => left.Value < right.Value;

    /// <summary>Whether the left position comes after the right one.</summary>
    public static bool operator >(LogPosition left, LogPosition right) => left.Value > right.Value;

    /// <summary>Whether the left position does not come after the right one.</summary>
    public static bool operator <=(LogPosition left, LogPosition right) => left.Value <= right.Value;

    /// <summary>Whether the left position does not come before the right one.</summary>
    public static bool operator >=(LogPosition left, LogPosition right) => left.Value >= right.Value;

    /// <summary>The number, in the invariant culture.</summary>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}
