namespace EventSourcing.Benchmarks;

/// <summary>A figure is worth nothing before its result is right.</summary>
internal static class Verify
{
    public static void Equal<T>(string what, T expected, T actual)
    {
        if (!EqualityComparer<T>.Default.Equals(expected, actual))
        {
            throw new InvalidOperationException($"{what}: {actual} where {expected} is right.");
        }
    }
}
