namespace EventSourcing.Torture;

/// <summary>A small history that is right in everything, with a name for each of its parts, so that a test can spoil one of them.</summary>
internal sealed class SyntheticHistory
{
    private readonly List<AppendBegun> begun = [];
    private readonly List<AppendEnded> ended = [];

    public SyntheticHistory()
    {
        // By times: begun at, ended at. By positions: what follows, follows.
        First = Ask(10, Part("a", 0, events: 2));
        Tell(First, 20, [2], position: 2);
        Store(First, 1, ("a", 1), ("a", 2));

        Second = Ask(30, Part("b", 0, events: 1));
        Tell(Second, 40, [1], position: 3);
        Store(Second, 3, ("b", 1));

        Refused = Ask(50, Part("a", 1, events: 1));
        Tell(Refused, 60, AppendOutcome.Conflict, answer => answer with { Actual = new Dictionary<string, long> { ["a"] = 2 } });

        // Two at the same time: one writes where the other only checks. The checking one came first.
        Conditional = Ask(70, Part("a", AppendBegun.Any, events: 2), Part("b", 1, events: 0));
        Tell(Conditional, 95, [4, 1], position: 5);
        Store(Conditional, 4, ("a", 3), ("a", 4));
        Moving = Ask(72, Part("b", 1, events: 1));
        Tell(Moving, 100, [2], position: 6);
        Store(Moving, 6, ("b", 2));

        Again = begun[First] with { Attempt = 2, At = 110 };
        begun.Add(Again);
        ended.Add(new AppendEnded(Again.Append, 2, 120, AppendOutcome.Stored) { Versions = [2], Position = 2, AlreadyStored = true });

        // Held open from 130, and visible from 145 on.
        Held = Ask(130, Part("c", 0, events: 1));
        Tell(Held, 150, [1], position: 7, commitsAt: 145);
        Store(Held, 7, ("c", 1));
        During = Look(132, 140, "c", 0, 0);
        HeadDuring = LookAtLog(132, 140, highest: 6, final: 6);

        Unknown = Ask(160, Part("c", AppendBegun.Any, events: 1), Part("d", AppendBegun.Any, events: 1));
        Tell(Unknown, 170, AppendOutcome.Unknown, answer => answer with { Error = "lost" });
        Store(Unknown, 8, ("c", 2), ("d", 1));
        Lost = Ask(161, Part("d", AppendBegun.Any, events: 1));

        RolledBack = Ask(180, Part("a", 4, events: 1));
        Tell(RolledBack, 190, AppendOutcome.NotStored, answer => answer with { Versions = [5], Position = 10 });

        After = Look(200, 210, "a", 4, 5);
        Head = LookAtLog(200, 210, highest: 9, final: 9);
        Later = Look(220, 230, "a", 4, 5);
        Versions = new Dictionary<string, long> { ["a"] = 4, ["b"] = 2, ["c"] = 2, ["d"] = 1 };
    }

    /// <summary>What stands in the table.</summary>
    public List<StoredEvent> Log { get; } = [];

    /// <summary>What the table of streams says.</summary>
    public Dictionary<string, long> Versions { get; }

    public List<Looked> Looks { get; } = [];

    /// <summary>Changes what a subscriber has seen; by default that is the log.</summary>
    public Func<List<string>, IEnumerable<string>> Seen { get; set; } = lines => lines;

    public int First { get; }

    public int Second { get; }

    public int Refused { get; }

    public int Conditional { get; }

    public int Moving { get; }

    public AppendBegun Again { get; }

    public int Held { get; }

    public int Unknown { get; }

    public int Lost { get; }

    public int RolledBack { get; }

    public int During { get; }

    public int HeadDuring { get; }

    public int After { get; }

    public int Head { get; }

    public int Later { get; }

    /// <summary>Changes what was told of an append.</summary>
    public void Change(int append, Func<AppendEnded, AppendEnded> change, int attempt = 1)
    {
        var i = ended.FindIndex(one => one.Append == begun[append].Append && one.Attempt == attempt);
        ended[i] = change(ended[i]);
    }

    /// <summary>Changes what was asked for.</summary>
    public void Ask(int append, Func<AppendBegun, AppendBegun> change) => begun[append] = change(begun[append]);

    public void Look(int look, Func<Looked, Looked> change) => Looks[look] = change(Looks[look]);

    /// <summary>Changes the event at a position.</summary>
    public void Event(long position, Func<StoredEvent, StoredEvent> change)
    {
        var i = Log.FindIndex(one => one.Position == position);
        Log[i] = change(Log[i]);
    }

    public void Remove(params long[] positions) => Log.RemoveAll(one => positions.Contains(one.Position));

    /// <summary>Adds an event at the end, of an append that was asked for or of nobody's.</summary>
    public void Add(long position, string stream, long version, int? append = null)
    {
        var asked = append is { } of ? begun[of].Parts.SelectMany(part => part.Events).First() : new AppendBegun.Event(Guid.NewGuid(), "stranger");
        Log.Add(new StoredEvent(position, stream, version, asked.Id, asked.Print));
        Versions[stream] = Math.Max(version, Versions.GetValueOrDefault(stream));
    }

    /// <summary>Exchanges two positions: one came before the other and comes after it now.</summary>
    public void Exchange(long one, long other)
    {
        var (first, second) = (Log.FindIndex(at => at.Position == one), Log.FindIndex(at => at.Position == other));
        (Log[first], Log[second]) = (Log[second] with { Position = one }, Log[first] with { Position = other });
    }

    /// <summary>What the checks say of it.</summary>
    public IReadOnlyList<string> Violations()
    {
        var run = new TortureRun("synthetic", 1, TimeSpan.Zero, _ => { });
        var history = History.Of(begun, ended, Looks);
        StoredEvent[] log = [.. Log.OrderBy(one => one.Position)];
        new AppendCheck(run, history, log, Versions).Check();
        new LinearizabilityCheck(run, history, log).Check();
        var folder = Directory.CreateTempSubdirectory("eventsourcing-synthetic-").FullName;
        try
        {
            File.WriteAllLines(SeenFile.PathOf(folder, "subscriber"), Seen([.. log.Select(SeenFile.LineOf)]));
            SubscriberCheck.Check(run, folder, log);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        return run.Violations;
    }

    private static AppendBegun.Part Part(string stream, long expected, int events) =>
        new(stream, expected, [.. Enumerable.Range(0, events).Select(_ => new AppendBegun.Event(Guid.NewGuid(), Guid.NewGuid().ToString("N")))]);

    private int Ask(long at, params AppendBegun.Part[] parts)
    {
        begun.Add(new AppendBegun(Guid.NewGuid(), 1, at, parts));
        return begun.Count - 1;
    }

    private void Tell(int append, long at, IReadOnlyList<long> versions, long position, long commitsAt = 0) =>
        Tell(append, at, AppendOutcome.Stored, answer => answer with { Versions = versions, Position = position, CommitsAt = commitsAt });

    private void Tell(int append, long at, AppendOutcome outcome, Func<AppendEnded, AppendEnded> with) =>
        ended.Add(with(new AppendEnded(begun[append].Append, 1, at, outcome)));

    private void Store(int append, long position, params (string Stream, long Version)[] places) => Log.AddRange(
        begun[append].Parts.SelectMany(part => part.Events)
            .Zip(places, (asked, place) => new StoredEvent(position++, place.Stream, place.Version, asked.Id, asked.Print)));

    private int Look(long from, long to, string stream, long version, long position)
    {
        Looks.Add(new Looked("reader", from, to, stream, version, position, 0));
        return Looks.Count - 1;
    }

    private int LookAtLog(long from, long to, long highest, long final)
    {
        Looks.Add(new Looked("reader", from, to, null, 0, highest, final));
        return Looks.Count - 1;
    }
}
