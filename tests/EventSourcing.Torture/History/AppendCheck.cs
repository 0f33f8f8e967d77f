namespace EventSourcing.Torture;

/// <summary>
/// Compares what callers were told with what is stored: an acknowledged append is there once, whole, in order, byte for byte; one
/// that was refused is not there; one whose outcome nobody knows is there whole or not at all; no version is missing.
/// </summary>
internal sealed class AppendCheck(TortureRun run, History history, IReadOnlyList<StoredEvent> log, IReadOnlyDictionary<string, long> versions)
{
    private readonly ILookup<Guid, StoredEvent> byId = log.ToLookup(one => one.Id);

    public void Check()
    {
        var asked = new HashSet<Guid>();
        foreach (var attempts in history.Appends.Values)
        {
            asked.UnionWith(attempts[0].Begun.Parts.SelectMany(part => part.Events).Select(one => one.Id));
            CheckAppend(attempts);
        }

        run.Checked("events that somebody appended", log.Count);
        foreach (var stranger in log.Where(one => !asked.Contains(one.Id)).Take(5))
        {
            run.Violation($"Nobody has appended {stranger}.");
        }

        CheckVersions();
    }

    private void CheckAppend(IReadOnlyList<Attempt> attempts)
    {
        var begun = attempts[0].Begun;
        var events = begun.Parts.SelectMany(part => part.Events).ToArray();
        var stored = events.Select(one => byId[one.Id].ToArray()).ToArray();
        var name = $"append {begun.Append} ({string.Join(", ", attempts.Select(attempt => $"{attempt.Outcome} {attempt.Ended?.Error}".TrimEnd()))})";
        foreach (var ended in attempts.Select(attempt => attempt.Ended).Where(ended => ended is { IsDocumented: false }))
        {
            run.Violation($"{name} ended with an error that is not documented: {ended!.Error}");
        }

        if (stored.Any(same => same.Length > 1))
        {
            run.Violation($"{name} is stored twice: {string.Join(", ", stored.First(same => same.Length > 1).Select(one => one.ToString()))}");
            return;
        }

        var count = stored.Count(same => same.Length == 1);
        if (count > 0 && count < events.Length)
        {
            run.Violation($"{name} is stored in part: {count} of {events.Length} events.");
            return;
        }

        if (count > 0)
        {
            CheckContent(name, begun, events, [.. stored.Select(same => same[0])]);
        }

        var acknowledged = attempts.Where(attempt => attempt.Outcome == AppendOutcome.Stored).Select(attempt => attempt.Ended!).ToArray();
        if (acknowledged.Length > 0)
        {
            run.Checked("acknowledged appends");
            if (count < events.Length)
            {
                run.Violation($"{name} was acknowledged at position {acknowledged[0].Position} and is not there.");
            }
            else if (count > 0)
            {
                CheckAnswers(name, begun, acknowledged);
            }
        }
        else if (attempts.Any(attempt => attempt.Outcome == AppendOutcome.Unknown) && attempts[^1].Outcome != AppendOutcome.Conflict)
        {
            run.Checked("appends of unknown outcome");
            run.Count(count > 0 ? "unknownStored" : "unknownNotStored");
        }
        else
        {
            run.Checked("refused appends");
            if (count > 0)
            {
                run.Violation($"{name} was refused and is there, at position {stored[0][0].Position}.");
            }
        }
    }

    private void CheckContent(string name, AppendBegun begun, AppendBegun.Event[] events, StoredEvent[] stored)
    {
        run.Checked("events byte for byte", events.Length);
        for (var i = 0; i < events.Length; i++)
        {
            if (stored[i].Print != events[i].Print)
            {
                run.Violation($"{name}: event {events[i].Id} is not what was written.");
            }

            if (i > 0 && stored[i].Position <= stored[i - 1].Position)
            {
                run.Violation($"{name}: its events stand at {stored[i - 1].Position} and then {stored[i].Position}.");
            }
        }

        var next = 0;
        foreach (var part in begun.Parts)
        {
            var mine = stored[next..(next + part.Events.Count)];
            next += part.Events.Count;
            for (var i = 0; i < mine.Length; i++)
            {
                var wanted = part.Expected >= 0 ? part.Expected + 1 + i : mine[0].Version + i;
                if (mine[i].Stream != part.Stream || mine[i].Version != wanted)
                {
                    run.Violation($"{name}: an event is {mine[i]} and should be version {wanted} of {part.Stream}.");
                }
            }
        }
    }

    /// <summary>Each attempt that was acknowledged was told where the events are.</summary>
    private void CheckAnswers(string name, AppendBegun begun, AppendEnded[] acknowledged)
    {
        foreach (var answer in acknowledged)
        {
            var last = begun.Parts.SelectMany(part => part.Events).Last();
            if (answer.Position != AppendEnded.NotTold && byId[last.Id].First().Position != answer.Position)
            {
                run.Violation($"{name} was told position {answer.Position} and is at {byId[last.Id].First().Position}.");
            }

            foreach (var (part, version) in begun.Parts.Zip(answer.Versions))
            {
                if (part.Events.Count > 0 && byId[part.Events[^1].Id].First().Version != version)
                {
                    run.Violation($"{name} was told version {version} of {part.Stream} and is at {byId[part.Events[^1].Id].First().Version}.");
                }
            }
        }
    }

    private void CheckVersions()
    {
        var highest = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var one in log)
        {
            // In order of positions: a stream's versions rise with them, by one each time.
            var before = highest.GetValueOrDefault(one.Stream);
            if (one.Version != before + 1)
            {
                run.Violation($"In order of positions version {one.Version} of {one.Stream} follows {before}.");
            }

            highest[one.Stream] = one.Version;
        }

        run.Checked("streams without a hole", highest.Count);
        foreach (var (stream, version) in versions)
        {
            if (highest.GetValueOrDefault(stream) != version)
            {
                run.Violation($"Stream {stream} is said to be at version {version} and has events up to {highest.GetValueOrDefault(stream)}.");
            }
        }

        foreach (var stream in highest.Keys.Where(stream => !versions.ContainsKey(stream)).Take(5))
        {
            run.Violation($"Stream {stream} has events and no row.");
        }
    }
}
