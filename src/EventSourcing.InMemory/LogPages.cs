namespace EventSourcing.InMemory;

/// <summary>Pages of the log. Positions rise, and a log that was restored may have holes.</summary>
internal static class LogPages
{
    public static LogPage Of(ReadOnlyMemory<RecordedEvent> log, LogReadOptions options)
    {
        var all = log.Span;
        var end = options.UpTo is { } upTo ? CountUpTo(all, upTo) : all.Length;
        var index = Math.Min(CountUpTo(all, options.After), end);
        var found = new List<RecordedEvent>();
        for (; index < end && found.Count < options.PageSize; index++)
        {
            if (options.Filter.Matches(all[index].Stream, all[index].Type, all[index].Tags))
            {
                found.Add(all[index]);
            }
        }

        // Up to the last event that was looked at, or, where none is left, up to the end that was asked for, or that there is.
        var head = all.IsEmpty ? LogPosition.Start : all[^1].Position;
        var readTo = index < end ? all[index - 1].Position : end < all.Length ? options.UpTo!.Value : head;
        return new LogPage(found, readTo > options.After ? readTo : options.After, IsEnd: index == end);
    }

    /// <summary>How many events stand at or before a position.</summary>
    public static int CountUpTo(ReadOnlySpan<RecordedEvent> log, LogPosition position)
    {
        var (low, high) = (0, log.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (log[middle].Position <= position)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }
}
