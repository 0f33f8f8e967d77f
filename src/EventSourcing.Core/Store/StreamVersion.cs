using System.Globalization;

namespace EventSourcing;

/// <summary>The place of an event in its stream: 1, 2, 3 … without holes. 0 (<see cref="None"/>) means that there is no stream.</summary>
public readonly record struct StreamVersion : IComparable<StreamVersion>
{
    /// <summary>Wraps a version.</summary>
    /// <param name="value">0 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="value"/> is negative.</exception>
    public StreamVersion(long value)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(value);
        Value = value;
    }

    /// <summary>No event has been written: version 0.</summary>
    public static StreamVersion None => default;

    /// <summary>The version as a number.</summary>
    public long Value { get; }

    /// <summary>The version after so many more events.</summary>
    /// <param name="events">How many events further.</param>
    public StreamVersion Add(long events) => new(Value + events);

    /// <inheritdoc/>
    public int CompareTo(StreamVersion other) => Value.CompareTo(other.Value);

    /// <summary>Whether the left version comes before the right one.</summary>
    public static bool operator <(StreamVersion left, StreamVersion right) => left.Value < right.Value;

    /// <summary>Whether the left version comes after the right one.</summary>
    public static bool operator >(StreamVersion left, StreamVersion right) => left.Value > right.Value;

    /// <summary>Whether the left version does not come after the right one.</summary>
    public static bool operator <=(StreamVersion left, StreamVersion right) => left.Value <= right.Value;

    /// <summary>Whether the left version does not come before the right one.</summary>
    public static bool operator >=(StreamVersion left, StreamVersion right) => left.Value >= right.Value;

    /// <summary>The number, in the invariant culture.</summary>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}
