namespace EventSourcing.Torture;

/// <summary>Proves the proof: a right history passes, and each single thing that is wrong with it is found.</summary>
public sealed class HistoryCheckTests
{
    private static readonly Dictionary<string, (Action<SyntheticHistory> Spoil, string Found)> Defects = new()
    {
        // What was told, and what is stored.
        ["an acknowledged append is lost"] = (history => { history.Remove(7); history.Versions["c"] = 2; }, "was acknowledged at position 7 and is not there"),
        ["an append is stored in half"] = (history => history.Remove(5), "is stored in part: 1 of 2"),
        ["an append of unknown outcome is stored in half"] = (history => history.Remove(9), "is stored in part: 1 of 2"),
        ["an append is stored twice"] = (history => history.Add(20, "b", 3, history.Second), "is stored twice"),
        ["a refused append is stored"] = (history => history.Add(20, "a", 5, history.Refused), "was refused and is there"),
        ["an append that was rolled back is stored"] = (history => history.Add(20, "a", 5, history.RolledBack), "was refused and is there"),
        ["a version is missing"] = (history => { history.Event(6, one => one with { Version = 3 }); history.Versions["b"] = 3; }, "version 3 of b follows 1"),
        ["a stream's versions do not rise with positions"] = (history => history.Exchange(1, 2), "of a follows"),
        ["a stream's row is behind its events"] = (history => history.Versions["a"] = 3, "is said to be at version 3"),
        ["a stream's row is missing"] = (history => history.Versions.Remove("d"), "has events and no row"),
        ["an event has other bytes"] = (history => history.Event(4, one => one with { Print = "other" }), "is not what was written"),
        ["an event is in another stream"] = (history => history.Event(3, one => one with { Stream = "x" }), "should be version 1 of b"),
        ["an event that nobody appended"] = (history => history.Add(20, "e", 1), "Nobody has appended"),
        ["a caller was told another position"] = (history => history.Change(history.Second, answer => answer with { Position = 4 }), "was told position 4"),
        ["a caller was told another version"] = (history => history.Change(history.Conditional, answer => answer with { Versions = [5, 1] }), "was told version 5 of a"),
        ["an error that is not documented"] = (history => history.Change(history.Unknown, answer => answer with { IsDocumented = false }), "not documented"),

        // Subscribers.
        ["a subscriber skips an event"] = (history => history.Seen = lines => lines.Where((_, i) => i != 3), "as event 4 of"),
        ["a subscriber sees an event twice"] = (history => history.Seen = lines => lines[..3].Append(lines[2]).Concat(lines[3..]), "as event 4 of"),
        ["a subscriber sees events out of order"] = (history => history.Seen = lines => [lines[1], lines[0], .. lines[2..]], "as event 1 of"),
        ["a subscriber sees other bytes"] = (history => history.Seen = lines => lines.Select(line => line.Replace(history.Log[2].Print, "other")), "as event 3 of"),
        ["a subscriber sees what is not there"] = (history => history.Seen = lines => lines.Append(lines[0]), "which is 'not there'"),
        ["a subscriber misses the end"] = (history => history.Seen = lines => lines[..^1], "has seen 'nothing'"),

        // Order in time.
        ["two are told the same version"] = (history => history.Change(
            history.Refused, answer => answer with { Outcome = AppendOutcome.Stored, Versions = [2], Position = 2 }), "Both append"),
        ["an append comes before one that was acknowledged before it began"] = (history =>
        {
            history.Ask(history.Second, begun => begun with { At = 101 });
            history.Change(history.Second, answer => answer with { At = 105 });
        }, "Then this began, and does not come after it"),
        ["a version comes before one that was acknowledged before it began"] = (history =>
        {
            history.Ask(history.First, begun => begun with { At = 96 });
            history.Change(history.First, answer => answer with { At = 99 });
        }, "Then this began, and does not come after it"),
        ["two appends of a stream have their positions among each other"] = (history => history.Event(9, one => one with { Position = 0 }), "have their positions among each other"),
        ["a stale read"] = (history => history.Look(history.After, look => look with { Version = 2, Position = 2 }), "somebody has read a up to version 2"),
        ["a read that goes back"] = (history => history.Look(history.Later, look => look with { Version = 2, Position = 2 }), "somebody has read a up to version 2"),
        ["a read of half an append"] = (history => history.Look(history.After, look => look with { Version = 3, Position = 4 }), "no append has left a at that version"),
        ["a read of what is not committed"] = (history => history.Look(history.During, look => look with { Version = 1, Position = 7 }), "was not there before this had ended"),
        ["a read at another position"] = (history => history.Look(history.After, look => look with { Position = 4 }), "where it is not"),
        ["a stale end of the log"] = (history => history.Look(history.Head, look => look with { Position = 6, Final = 6 }), "said to end at 6"),
        ["an end of the log that goes back"] = (history => history.Look(history.Head, look => look with { Final = 3 }), "said to be final up to 3"),
        ["an end of the log that was not final"] = (history => history.Look(history.HeadDuring, look => look with { Position = 7, Final = 7 }), "was committed later"),

        // Conditions, refusals, repetitions.
        ["a conflict at a version that was left before"] = (history => history.Change(
            history.Refused, answer => answer with { Actual = new Dictionary<string, long> { ["a"] = 0 } }), "was told that a is at version 0"),
        ["a conflict at a version that came later"] = (history => history.Change(
            history.Refused, answer => answer with { Actual = new Dictionary<string, long> { ["a"] = 4 } }), "was not there before this had ended"),
        ["a conflict at a version that never was"] = (history => history.Change(
            history.Refused, answer => answer with { Actual = new Dictionary<string, long> { ["a"] = 3 } }), "no append has left a at that version"),
        ["a conflict without a reason"] = (history => history.Ask(
            history.Refused, begun => begun with { Parts = [begun.Parts[0] with { Expected = 2 }] }), "which is what it expected"),
        ["a conflict of an append that expects nothing"] = (history => history.Ask(
            history.Refused, begun => begun with { Parts = [begun.Parts[0] with { Expected = AppendBegun.Any }] }), "which is what it expected"),
        ["a conflict that names no stream"] = (history => history.Change(
            history.Refused, answer => answer with { Actual = new Dictionary<string, long>() }), "without a stream that is not as expected"),
        ["write skew"] = (history => history.Ask(
            history.Moving, begun => begun with { Parts = [.. begun.Parts, new AppendBegun.Part("a", 2, [])] }), "had got in before"),
        ["a condition that was not yet met"] = (history => history.Ask(
            history.Conditional, begun => begun with { Parts = [begun.Parts[0], begun.Parts[1] with { Expected = 2 }] }), "which came later or never"),
        ["a condition on a stream that is not there"] = (history => history.Ask(
            history.Conditional, begun => begun with { Parts = [begun.Parts[0], new AppendBegun.Part("e", AppendBegun.StreamExists, [])] }), "which came later or never"),
        ["stored although the checked stream was found elsewhere"] = (history => history.Change(
            history.Conditional, answer => answer with { Versions = [4, 2] }), "expected b at 1 and found 2"),
        ["a repetition is refused"] = (history => history.Change(
            history.First, answer => answer with { Outcome = AppendOutcome.Conflict, Actual = new Dictionary<string, long> { ["a"] = 4 } }, attempt: 2), "when it came again"),
        ["a repetition is stored as if it were new"] = (history => history.Change(
            history.First, answer => answer with { AlreadyStored = false }, attempt: 2), "when it came again"),
    };

    public static TheoryData<string> Names => [.. Defects.Keys];

    [Fact]
    public void A_right_history_passes() => Assert.Empty(new SyntheticHistory().Violations());

    [Theory]
    [MemberData(nameof(Names))]
    public void A_defect_is_found(string defect)
    {
        var history = new SyntheticHistory();
        Defects[defect].Spoil(history);
        Assert.Contains(history.Violations(), violation => violation.Contains(Defects[defect].Found, StringComparison.Ordinal));
    }

    [Fact]
    public void A_decision_on_the_latest_state_passes_and_one_on_an_older_state_is_found()
    {
        Assert.Empty(Decide(new Decided(5, -1, 0), new Decided(7, 1, 5), new Decided(1, 2, 12)));
        Assert.Single(Decide(new Decided(5, -1, 0), new Decided(7, 1, 5), new Decided(1, 1, 5)));
        Assert.Single(Decide(new Decided(5, -1, 0), new Decided(7, 1, 6)));

        static List<string> Decide(params Decided[] events)
        {
            var run = new TortureRun("synthetic", 1, TimeSpan.Zero, _ => { });
            var states = new Dictionary<string, (long Count, long Sum)>();
            for (var i = 0; i < events.Length; i++)
            {
                DecisionCheck.Check(run, states, "a", i + 1, events[i]);
            }

            return run.Violations;
        }
    }
}
