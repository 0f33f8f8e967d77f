namespace EventSourcing.Torture;

/// <summary>Each event that the reactor answers has been answered: once, and once more at most for each member each time that something broke.</summary>
internal static class EffectCheck
{
    /// <summary>How the files of effects end.</summary>
    public const string Ending = ".effects";

    public static void Check(TortureRun run, string folder, IReadOnlyList<LoggedEvent> log, int faults)
    {
        var wanted = new HashSet<string>(StringComparer.Ordinal);
        foreach (var one in log.Where(one => one.Type is "cleared" or "counted"))
        {
            wanted.Add(Echo.KeyOf(one.Id));
            if (one.Type == "counted" && one.Number % Echo.RemindedEach == 1)
            {
                wanted.Add(Echo.ReminderKey(one.Stream, one.Number));
            }
        }

        var done = EffectFile.ReadAll(folder, Ending);
        run.Checked("effects", done.Count);
        foreach (var missing in wanted.Except(done).Take(5))
        {
            run.Violation($"Effect {missing} was never had.");
        }

        foreach (var stranger in done.Except(wanted).Take(5))
        {
            run.Violation($"Nobody has asked for effect {stranger}.");
        }

        // A crash repeats at most the one effect under way: of each member, an event's or a message's.
        var repeated = done.Count - done.Distinct(StringComparer.Ordinal).Count();
        run.Figure("effectsRepeated", repeated);
        if (repeated > faults * Echo.Members * 2)
        {
            run.Violation($"{repeated} effects were repeated, by {faults} faults and {Echo.Members} members.");
        }
    }
}
