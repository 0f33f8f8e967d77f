namespace EventSourcing;

/// <summary>Exponential backoff. With "full jitter" as in Marc Brooker, "Exponential Backoff And Jitter" (2015).</summary>
internal static class Backoff
{
    public static TimeSpan Jittered(TimeSpan first, int attempt, TimeSpan longest) =>
        Longest(first, attempt, longest) * Random.Shared.NextDouble();

    public static TimeSpan Longest(TimeSpan first, int attempt, TimeSpan longest)
    {
        // As a number: a long first pause, doubled often enough, is more than a time can hold.
        var pause = first.Ticks * Math.Pow(2, Math.Min(attempt - 1, 62));
        return pause < longest.Ticks ? TimeSpan.FromTicks((long)pause) : longest;
    }
}
