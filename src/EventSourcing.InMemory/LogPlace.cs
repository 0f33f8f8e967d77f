namespace EventSourcing.InMemory;

/// <summary>Where a position stands in the log. Positions rise, but some may be gone.</summary>
internal static class LogPlace
{
    /// <summary>The index of the first event after a position.</summary>
    public static int After(ReadOnlySpan<RecordedEvent> log, LogPosition position)
    {
        // Nothing is at a higher index than its position says.
        var (low, high) = (0, (int)Math.Min(position.Value, log.Length));
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = log[middle].Position <= position ? (middle + 1, high) : (low, middle);
        }

        return low;
    }
}
