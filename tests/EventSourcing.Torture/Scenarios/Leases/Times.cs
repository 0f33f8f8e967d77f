using System.Globalization;

namespace EventSourcing.Torture;

internal static class Times
{
    /// <summary>The middle one and the longest.</summary>
    public static string Of(IReadOnlyCollection<TimeSpan> times)
    {
        var sorted = times.Order().ToArray();
        return sorted.Length == 0
            ? "never"
            : string.Create(CultureInfo.InvariantCulture, $"p50 {sorted[(sorted.Length - 1) / 2].TotalSeconds:0.00} s, max {sorted[^1].TotalSeconds:0.00} s");
    }
}
