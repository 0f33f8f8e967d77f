using System.Globalization;

namespace EventSourcing.Testing;

/// <summary>Ids that are the same in each run: the first, the second, the third. Safe for use by any number of threads, of which chance
/// then says who gets which.</summary>
public sealed class TestIds
{
    private long last;

    /// <summary>The id of a number: the number in hexadecimal digits at the end of an id of version 7.</summary>
    /// <param name="number">The number, from 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is less than 1, or has more than 12 hexadecimal digits.</exception>
    public static Guid Of(long number)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(number, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(number, 0xFFFF_FFFF_FFFF);
        return Guid.Parse(string.Create(CultureInfo.InvariantCulture, $"00000000-0000-7000-8000-{number:x12}"));
    }

    /// <summary>The next id.</summary>
    public Guid Next() => Of(Interlocked.Increment(ref last));
}
