namespace EventSourcing.Torture;

/// <summary>Each command has decided on what was there: the number that it counted is the version that it got.</summary>
internal static class CommandCheck
{
    public static void Check(TortureRun run, IReadOnlyList<LoggedEvent> log)
    {
        foreach (var stream in log.Where(one => one.Type == "counted").GroupBy(one => one.Stream))
        {
            run.Checked("decisions", stream.Count());
            var expected = 0L;
            foreach (var one in stream)
            {
                if (one.Number != ++expected)
                {
                    run.Violation($"{stream.Key}: a command has counted {one.Number} where {expected} was to come.");
                    break;
                }
            }
        }
    }
}
