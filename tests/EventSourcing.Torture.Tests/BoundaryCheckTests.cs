namespace EventSourcing.Torture;

/// <summary>Proves the proof of boundaries: right decisions pass, and each single thing that is wrong with them is found.</summary>
public sealed class BoundaryCheckTests
{
    private static readonly Dictionary<string, (Action<Decisions> Spoil, string Found)> Defects = new()
    {
        ["a decision that has missed an event"] = (made => made.Read([1]), "were not read: [2]"),
        ["a decision that has read what came later"] = (made => made.Read([1, 2, 4]), "it had read besides: [4]"),
        ["a decision that has read what does not concern it"] = (made => made.Read([0, 1, 2]), "it had read besides: [0]"),
        ["a decision that has read an event twice"] = (made => made.Read([1, 1, 2]), "is stored at position 3"),
        ["an event that slipped in below a decision"] = (made => made.Change(0, one => one with { Tags = ["a", "b"] }), "were not read: [0]"),
        ["a refusal for an event that was read"] = (made => made.Unseen = 1, "because of position 1, which it had read"),
        ["a refusal for an event that does not match by its tags"] = (made => made.Unseen = 0, "because of position 0, where no event is"),
        ["a refusal for an event that does not match by its type"] = (made => made.Change(4, one => one with { Type = "decided" }), "because of position 4, where no event is"),
        ["a refusal for an event that is not there"] = (made => made.Unseen = 9, "because of position 9, where no event is"),
        ["a refusal on a condition that there was not"] = (made => made.Forget(Decisions.Refused), "because of position 4, where no event is"),
        ["an event that has lost a tag"] = (made => made.Change(1, one => one with { Tags = ["a"] }), "has the tags [a] instead of [a, b]"),
        ["a row of a tag is missing"] = (made => made.Index.RemoveAll(row => row is { Position: 1, Tag: "b" }), "No row of event_tags says"),
        ["a row of a tag that no event has"] = (made => made.Index.Add(new TaggedEvent.Row("c", 1, 0, "decided")), "and no event does"),
        ["a row of another type"] = (made => made.Index[0] = made.Index[0] with { Type = "other" }, "and no event does"),
        ["nothing was refused"] = (made => made.Unseen = null, "1 appends were stored and 0 refused"),
    };

    public static TheoryData<string> Names => [.. Defects.Keys];

    [Fact]
    public void Right_decisions_pass() => Assert.Empty(new Decisions().Violations());

    [Theory]
    [MemberData(nameof(Names))]
    public void A_defect_is_found(string defect)
    {
        var made = new Decisions();
        Defects[defect].Spoil(made);
        Assert.Contains(made.Violations(), violation => violation.Contains(Defects[defect].Found, StringComparison.Ordinal));
    }

    /// <summary>Four events, the fourth of which was decided on two of those before it, then a fifth, for which another decision was refused.</summary>
    private sealed class Decisions
    {
        public const int Stored = 3;
        public const int Refused = 5;

        private readonly List<AppendBegun> begun = [];
        private readonly List<TaggedEvent> log = [];
        private readonly List<Queried> queries = [];

        public Decisions()
        {
            Append("decided", "b");
            Append("decided", "a", "b");
            Append("settled", "a", "c");
            Append("decided", "c");
            Append("settled", "a");
            Append("decided", "a");
            log.RemoveAt(Refused);
            Index = [.. log.SelectMany(one => one.Rows)];
            queries.Add(new Queried(begun[Stored].Append, [new(["settled"], ["a"]), new([], ["b", "a"])], [1, 2]));
            queries.Add(new Queried(begun[Refused].Append, [new([], ["b", "a"]), new(["settled"], ["a"])], [1, 2]));
        }

        public List<TaggedEvent.Row> Index { get; }

        /// <summary>What was told of the one that was refused.</summary>
        public long? Unseen { get; set; } = 4;

        /// <summary>Changes what the one that is stored has read.</summary>
        public void Read(long[] positions) => queries[0] = queries[0] with { Positions = positions };

        public void Forget(int append) => queries.RemoveAll(one => one.Append == begun[append].Append);

        public void Change(int position, Func<TaggedEvent, TaggedEvent> change) => log[position] = change(log[position]);

        public List<string> Violations()
        {
            var run = new TortureRun("synthetic", 1, TimeSpan.Zero, _ => { });
            var refused = new AppendEnded(begun[Refused].Append, 1, 20, AppendOutcome.Conflict) { Unseen = Unseen };
            new BoundaryCheck(run, History.Of(begun, [refused], [], queries), log, Index).Check();
            return run.Violations;
        }

        private void Append(string type, params string[] tags)
        {
            var one = new TaggedEvent(log.Count, 0, Guid.NewGuid(), type, tags);
            begun.Add(new AppendBegun(Guid.NewGuid(), 1, 10, [new("stream", AppendBegun.Any, [new(one.Id, "print") { Tags = tags }])]));
            log.Add(one);
        }
    }
}
