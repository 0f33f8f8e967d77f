namespace EventSourcing.Torture;

/// <summary>
/// Compares what appends under a condition had read with what is stored: one that is there had read all that concerns it and stands
/// before it, and nothing else; one that was refused was refused because of an event that concerns it and that it had not read.
/// </summary>
/// <param name="run">Told what is wrong.</param>
/// <param name="history">What was read, asked and told.</param>
/// <param name="log">The events, in order of positions.</param>
/// <param name="index">The rows by which events are found.</param>
internal sealed class BoundaryCheck(TortureRun run, History history, IReadOnlyList<TaggedEvent> log, IReadOnlyList<TaggedEvent.Row> index)
{
    private readonly Dictionary<Guid, TaggedEvent> byId = log.DistinctBy(one => one.Id).ToDictionary(one => one.Id);
    private readonly Dictionary<long, TaggedEvent> byPosition = log.ToDictionary(one => one.Position);
    private readonly ILookup<string, TaggedEvent> byTag = log.SelectMany(one => one.Tags, (one, tag) => (one, tag)).ToLookup(pair => pair.tag, pair => pair.one);
    private long stored;
    private long refused;

    public void Check()
    {
        CheckTags();
        CheckIndex();
        foreach (var (append, attempts) in history.Appends)
        {
            var queried = history.Queries.GetValueOrDefault(append);
            if (queried is not null)
            {
                CheckStored(queried, attempts[0].Begun);
            }

            foreach (var unseen in attempts.Select(attempt => attempt.Ended?.Unseen).OfType<long>())
            {
                CheckRefused(queried, append, unseen);
            }
        }

        run.Figure("conditionalStored", stored);
        run.Figure("conditionalRefused", refused);
        if (stored == 0 || refused == 0)
        {
            run.Violation($"Under conditions {stored} appends were stored and {refused} refused: that proves nothing.");
        }
    }

    /// <summary>Nothing is found by a tag that was lost on the way.</summary>
    private void CheckTags()
    {
        foreach (var asked in history.Appends.Values.SelectMany(attempts => attempts[0].Begun.Parts).SelectMany(part => part.Events))
        {
            if (byId.GetValueOrDefault(asked.Id) is { } one)
            {
                run.Checked("events with their tags");
                if (!one.Tags.SequenceEqual(asked.Tags))
                {
                    run.Violation($"The event at position {one.Position} has the tags [{string.Join(", ", one.Tags)}] instead of [{string.Join(", ", asked.Tags)}].");
                }
            }
        }
    }

    private void CheckIndex()
    {
        var wanted = log.SelectMany(one => one.Rows).ToHashSet();
        run.Checked("rows of tags", wanted.Count);
        foreach (var row in wanted.Except(index))
        {
            run.Violation($"No row of event_tags says {row}.");
        }

        foreach (var row in index.Where(row => !wanted.Contains(row)))
        {
            run.Violation($"A row of event_tags says {row}, and no event does.");
        }
    }

    private void CheckStored(Queried queried, AppendBegun begun)
    {
        var places = begun.Parts.SelectMany(part => part.Events).Where(one => byId.ContainsKey(one.Id)).Select(one => byId[one.Id].Position).ToArray();
        if (places.Length == 0)
        {
            return;
        }

        stored++;
        run.Checked("decisions that had read all before them");
        var before = queried.Items.SelectMany(Matching).Select(one => one.Position).Where(position => position < places.Min()).Distinct().Order().ToArray();
        if (!before.SequenceEqual(queried.Positions))
        {
            run.Violation(
                $"Append {queried.Append} is stored at position {places.Min()}. Before it stand and concern it, but were not read: [{string.Join(", ", before.Except(queried.Positions))}]; "
                + $"it had read besides: [{string.Join(", ", queried.Positions.Except(before))}].");
        }
    }

    private void CheckRefused(Queried? queried, Guid append, long unseen)
    {
        refused++;
        run.Checked("decisions refused for an event that they had not read");
        if (queried is null || !byPosition.TryGetValue(unseen, out var one) || !queried.Items.Any(item => IsMatch(item, one)))
        {
            run.Violation($"Append {append} was refused because of position {unseen}, where no event is that concerns it.");
        }
        else if (queried.Positions.Contains(unseen))
        {
            run.Violation($"Append {append} was refused because of position {unseen}, which it had read.");
        }
    }

    private IEnumerable<TaggedEvent> Matching(Queried.Item item) =>
        (item.Tags.Count > 0 ? byTag[item.Tags[0]] : log).Where(one => IsMatch(item, one));

    private static bool IsMatch(Queried.Item item, TaggedEvent one) =>
        (item.Types.Count == 0 || item.Types.Contains(one.Type)) && item.Tags.All(one.Tags.Contains);
}
