namespace EventSourcing;

/// <summary>Exponential backoff. With "full jitter" as in Marc Brooker, "Exponential Backoff And Jitter" (2015).</summary>
internal static class Backoff
{
    public static TimeSpan Jittered(TimeSpan first, int attempt, TimeSpan longest) =>
        Longest(first, attempt, longest) * Random.Shared.NextDouble();

    public static TimeSpan Longest(TimeSpan first, int attempt, TimeSpan longest)
    {
        // Doubling 30 times is past every cap in use and cannot overflow.
        var pause = first * Math.Pow(2, Math.Min(attempt - 1, 30));
        return pause < longest ? pause : longest;
    }
}
