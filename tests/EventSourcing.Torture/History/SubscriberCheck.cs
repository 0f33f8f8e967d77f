namespace EventSourcing.Torture;

/// <summary>Each subscriber has seen every event of the log once, in order, byte for byte, whatever became of its processes.</summary>
internal static class SubscriberCheck
{
    public static void Check(TortureRun run, string folder, IReadOnlyList<StoredEvent> log)
    {
        foreach (var path in Directory.EnumerateFiles(folder, "*.seen"))
        {
            var name = Path.GetFileNameWithoutExtension(path);
            var seen = LineFile.Lines(path);
            run.Checked("events seen by subscribers", seen.Length);
            for (var i = 0; i < Math.Max(seen.Length, log.Count); i++)
            {
                var (was, should) = (seen.ElementAtOrDefault(i), i < log.Count ? SeenFile.LineOf(log[i]) : null);
                if (was != should)
                {
                    run.Violation($"Subscriber {name} has seen '{was ?? "nothing"}' as event {i + 1} of {log.Count}, which is '{should ?? "not there"}'.");
                    break;
                }
            }
        }
    }
}
