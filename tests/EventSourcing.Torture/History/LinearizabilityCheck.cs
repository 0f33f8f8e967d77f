namespace EventSourcing.Torture;

/// <summary>
/// Compares when everybody asked and was told with the order in which everything is stored: as if each append and each look had
/// happened at one moment between its beginning and its end, all in one order, which is the order of positions.
/// </summary>
/// <remarks>
/// Nothing is searched for: the store says which order it was, by versions and positions. What is left to check is that this order
/// agrees with time, and that each answer is right at its place in it. Whether what is stored is what was asked for,
/// <see cref="AppendCheck"/> tells.
/// </remarks>
internal sealed class LinearizabilityCheck
{
    private readonly TortureRun run;
    private readonly History history;
    private readonly StoredAppend[] appends;
    private readonly Dictionary<(string Stream, long Version), StoredEvent> events;
    private readonly ILookup<string, StoredAppend> writers;
    private readonly Dictionary<(string Stream, long Version), long> visibleFrom = [];

    public LinearizabilityCheck(TortureRun run, History history, IReadOnlyList<StoredEvent> log)
    {
        this.run = run;
        this.history = history;
        appends = StoredAppend.AllOf(history, log);
        events = log.DistinctBy(one => (one.Stream, one.Version)).ToDictionary(one => (one.Stream, one.Version));
        writers = appends
            .SelectMany(append => append.Events.Select(one => one.Stream).Distinct().Select(stream => (Stream: stream, Append: append)))
            .OrderBy(one => one.Append.VersionsOf(one.Stream).First)
            .ToLookup(one => one.Stream, one => one.Append);
    }

    public void Check()
    {
        CheckWinners();
        CheckPositions();
        foreach (var stream in writers)
        {
            CheckNeighbours(stream.Key, [.. stream]);
        }

        CheckStreams();
        new ReasonCheck(run, history, appends, events).Check();
        CheckFinality();
    }

    /// <summary>By what was told alone: nobody else was told the same version of the same stream.</summary>
    private void CheckWinners()
    {
        var winners = new Dictionary<(string, long), Guid>();
        foreach (var attempts in history.Appends.Values)
        {
            var won = attempts.Where(attempt => attempt.Outcome == AppendOutcome.Stored)
                .SelectMany(attempt => attempt.Begun.Parts.Zip(attempt.Ended!.Versions))
                .SelectMany(told => Enumerable.Range(0, told.First.Events.Count).Select(i => (told.First.Stream, told.Second - i)))
                .Distinct();
            foreach (var version in won)
            {
                run.Checked("versions won by one");
                if (!winners.TryAdd(version, attempts[0].Begun.Append))
                {
                    run.Violation($"Both append {winners[version]} and append {attempts[0].Begun.Append} were told that they are version {version.Item2} of {version.Stream}.");
                }
            }
        }
    }

    /// <summary>Of all streams: what was acknowledged before another append began has the lower positions, and who looks sees it.</summary>
    private void CheckPositions()
    {
        // Looked at from the beginning on, not only from the commit: a position is taken in between.
        RealTimeOrder.Step[] steps =
        [
            .. appends.Select(append => new RealTimeOrder.Step(append.BegunAt, append.AcknowledgedAt, append.First - 1, append.Last, () => append.Name)),
            .. history.Looks.Where(look => look.Stream is null).Select(look => new RealTimeOrder.Step(
                look.Begun, look.At, look.Position, look.Position, () => $"a look at the log, which was said to end at {look.Position}")),
        ];
        run.Checked("positions in the order of time", steps.Length);
        Tell(RealTimeOrder.Wrong(steps));
    }

    /// <summary>Who writes a stream holds it to the end: the next one has all its positions after all of his, those of other streams included.</summary>
    private void CheckNeighbours(string stream, StoredAppend[] inOrder)
    {
        foreach (var (before, after) in inOrder.Zip(inOrder.Skip(1)))
        {
            run.Checked("neighbours in a stream");
            if (before.Last >= after.First)
            {
                run.Violation($"In {stream} {after.Name} follows {before.Name}, and they have their positions among each other.");
            }
        }
    }

    /// <summary>Each stream: who writes it, who is told its version, who is refused because of it and who reads it, in one order.</summary>
    private void CheckStreams()
    {
        var seen = SeenVersions().ToLookup(one => one.Stream);
        foreach (var stream in writers.Select(one => one.Key).Union(seen.Select(one => one.Key)))
        {
            var ends = new HashSet<long> { 0 };
            var steps = new List<RealTimeOrder.Step>();
            var latest = 0L;
            foreach (var append in writers[stream])
            {
                var (first, last) = append.VersionsOf(stream);
                ends.Add(last);

                // Nor can anything be seen before what it follows.
                latest = Math.Max(latest, append.VisibleFrom);
                visibleFrom[(stream, last)] = latest;
                steps.Add(new RealTimeOrder.Step(append.VisibleFrom, append.AcknowledgedAt, first - 1, last, () => $"{append.Name}, version {last} of {stream}"));
            }

            foreach (var one in seen[stream])
            {
                steps.Add(one.Step);
                if (!ends.Contains(one.Step.To))
                {
                    run.Violation($"{one.Step.What()}: no append has left {stream} at that version.");
                }
                else if (one.Step.To > 0 && visibleFrom[(stream, one.Step.To)] > one.Step.Ended)
                {
                    run.Violation($"{one.Step.What()}: that version was not there before this had ended.");
                }
            }

            run.Checked("versions in the order of time", steps.Count);
            Tell(RealTimeOrder.Wrong(steps));
        }
    }

    private IEnumerable<(string Stream, RealTimeOrder.Step Step)> SeenVersions()
    {
        foreach (var look in history.Looks.Where(look => look.Stream is not null))
        {
            if (look.Version > 0 && events.GetValueOrDefault((look.Stream!, look.Version))?.Position != look.Position)
            {
                run.Violation($"Somebody has read version {look.Version} of {look.Stream} at position {look.Position}, where it is not.");
            }

            yield return Seen(look.Stream!, look.Version, look.Begun, look.At, $"somebody has read {look.Stream} up to version {look.Version}");
        }

        foreach (var attempt in history.Attempts.Where(attempt => attempt.Ended is not null))
        {
            var (begun, ended) = (attempt.Begun, attempt.Ended!);
            foreach (var (stream, actual) in ended.Actual)
            {
                yield return Seen(stream, actual, begun.At, ended.At, $"append {begun.Append} was told that {stream} is at version {actual}");
            }

            // Of a stream that is only checked the answer tells the version that it is at.
            foreach (var (part, version) in begun.Parts.Zip(ended.Outcome == AppendOutcome.Stored ? ended.Versions : []).Where(told => told.First.Events.Count == 0))
            {
                yield return Seen(part.Stream, version, begun.At, ended.At, $"append {begun.Append} has checked {part.Stream} and found version {version}");
                if (part.Expected >= 0 && part.Expected != version && !ended.AlreadyStored)
                {
                    run.Violation($"Append {begun.Append} was stored although it expected {part.Stream} at {part.Expected} and found {version}.");
                }
            }
        }

        static (string, RealTimeOrder.Step) Seen(string stream, long version, long begun, long ended, string what) =>
            (stream, new RealTimeOrder.Step(begun, ended, version, version, () => what));
    }

    /// <summary>What is called final is: nothing came to be below it afterwards, and it does not go back.</summary>
    private void CheckFinality()
    {
        var next = 0;
        StoredAppend? latest = null;
        var looks = history.Looks.Where(look => look.Stream is null).ToArray();
        foreach (var look in looks.OrderBy(look => look.Final))
        {
            for (; next < appends.Length && appends[next].First <= look.Final; next++)
            {
                latest = latest is null || appends[next].VisibleFrom > latest.VisibleFrom ? appends[next] : latest;
            }

            run.Checked("heads of the log");
            if (latest is not null && latest.VisibleFrom > look.At)
            {
                run.Violation($"The log was said to be final up to {look.Final}, and {latest.Name} was committed later.");
            }

            if (look.Final > look.Position)
            {
                run.Violation($"The log was said to be final up to {look.Final} and to end at {look.Position}.");
            }
        }

        foreach (var store in looks.GroupBy(look => look.By))
        {
            Tell(RealTimeOrder.Wrong([.. store.Select(look => new RealTimeOrder.Step(
                look.Begun, look.At, look.Final, look.Final, () => $"a look at the log, which was said to be final up to {look.Final}"))]));
        }
    }

    private void Tell(IEnumerable<(RealTimeOrder.Step Earlier, RealTimeOrder.Step Later)> wrong)
    {
        foreach (var (earlier, later) in wrong)
        {
            run.Violation($"This had ended: {earlier.What()}. Then this began, and does not come after it: {later.What()}.");
        }
    }
}
