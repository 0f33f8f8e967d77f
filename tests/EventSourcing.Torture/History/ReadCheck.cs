namespace EventSourcing.Torture;

/// <summary>
/// Compares what readers were given as the whole with what is stored: a stream up to some version that is no older than what was
/// acknowledged, or read by somebody, before they asked; a stretch of the log without a hole.
/// </summary>
internal static class ReadCheck
{
    public static void Check(TortureRun run, IReadOnlyList<ReadDone> reads, History told, IReadOnlyList<StoredEvent> log)
    {
        var streams = log.ToLookup(one => one.Stream, StringComparer.Ordinal);
        var acknowledged = told.Attempts.Where(attempt => attempt.Ended is { Outcome: AppendOutcome.Stored })
            .SelectMany(attempt => attempt.Begun.Parts.Zip(attempt.Ended!.Versions, (part, version) => (part.Stream, attempt.Ended.At, Version: version)))
            .ToLookup(one => one.Stream, StringComparer.Ordinal);
        var given = reads.Where(read => read.Error is null && read.Stream is not null).ToLookup(read => read.Stream!, StringComparer.Ordinal);
        foreach (var read in reads)
        {
            if (read.Error is not null)
            {
                run.Checked("reads that failed");
                if (!read.IsDocumented)
                {
                    run.Violation($"A read ended with an error that is not documented: {read.Error}");
                }

                continue;
            }

            run.Checked($"reads {read.How}");
            var stored = read.Stream is { } stream
                ? streams[stream].Take(read.Count)
                : log.SkipWhile(one => one.Position <= read.From).TakeWhile(one => one.Position <= read.To);
            if (PrintOf(stored, read.How) != (read.Count, read.Print))
            {
                run.Violation($"{read.How} of {read.Stream ?? $"the log after {read.From} up to {read.To}"} gave {read.Count} events that are not what is stored.");
            }

            var least = read.Stream is null
                ? 0
                : acknowledged[read.Stream].Where(one => one.At < read.Begun).Select(one => one.Version)
                    .Concat(given[read.Stream].Where(one => one.Ended < read.Begun).Select(one => (long)one.Count))
                    .DefaultIfEmpty().Max();
            if (read.Stream is not null && read.Count < least)
            {
                run.Violation($"{read.How} of {read.Stream} gave {read.Count} events where version {least} had been acknowledged or read before.");
            }
        }
    }

    private static (int Count, string Print) PrintOf(IEnumerable<StoredEvent> stored, ReadDone.Way how)
    {
        using var print = new ReadPrint();
        foreach (var one in how == ReadDone.Way.Backwards ? stored.Reverse() : stored)
        {
            print.Add(one, isReplay: how == ReadDone.Way.Replay);
        }

        return (print.Count, print.End());
    }
}
