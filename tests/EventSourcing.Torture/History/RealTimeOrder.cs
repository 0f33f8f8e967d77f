namespace EventSourcing.Torture;

/// <summary>
/// Something that only grows (a stream's version, the log's last position) was moved or seen by many at the same time. Whatever
/// had ended before another began must not be after it.
/// </summary>
internal static class RealTimeOrder
{
    /// <summary>It was moved from one value to another, or seen at one, at some moment between two times.</summary>
    internal readonly record struct Step(long Begun, long Ended, long From, long To, Func<string> What);

    /// <summary>The pairs that are in the wrong order, the worst one for each step.</summary>
    public static IEnumerable<(Step Earlier, Step Later)> Wrong(IReadOnlyCollection<Step> steps)
    {
        var ends = steps.OrderBy(step => step.Ended).ToArray();
        var next = 0;
        Step? highest = null;
        foreach (var step in steps.OrderBy(step => step.Begun))
        {
            for (; next < ends.Length && ends[next].Ended < step.Begun; next++)
            {
                highest = highest is null || ends[next].To > highest.Value.To ? ends[next] : highest;
            }

            if (highest is { } earlier && earlier.To > step.From)
            {
                yield return (earlier, step);
            }
        }
    }
}
