namespace EventSourcing.Torture;

/// <summary>Each event that the reactor answers has been answered: once, and again only where something broke while it was under way.</summary>
internal static class EffectCheck
{
    /// <summary>How the files of effects end.</summary>
    public const string Ending = ".effects";

    public static void Check(TortureRun run, string folder, IReadOnlyList<LoggedEvent> log, long interruptions)
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

        // An interruption repeats at most the one effect under way, an event's or a message's; as often as it is tried while the store is away.
        var repeated = done.GroupBy(effect => effect, StringComparer.Ordinal).Count(same => same.Count() > 1);
        run.Figure("effectsRepeated", repeated);
        if (repeated > interruptions * 2)
        {
            run.Violation($"{repeated} effects were repeated, by {interruptions} interruptions.");
        }
    }
}
