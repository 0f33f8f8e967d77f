using Xunit;

namespace EventSourcing.Conformance;

/// <summary>An append under a condition: refused exactly where an event that matches has not been seen.</summary>
public abstract class BoundarySuite : TaggedSuite
{
    /// <summary>Queries of every shape, with an event that matches and events that do not.</summary>
    public static TheoryData<string, string, string> Shapes { get; } = new()
    {
        { "opened", "opened", "closed" },
        { "opened closed", "closed | x", "moved | opened" },
        { " | a", "moved | a", "moved | A" },
        { " | a b", "moved | c b a", "moved | a" },
        { " | a b", "moved | b a", "moved | b" },
        { "opened | a", "opened | a b", "closed | a" },
        { "opened | a", "opened | b a", "opened | b" },
        { "opened closed | a b", "closed | a b", "closed | b" },
        { "opened | a; closed | b", "closed | b", "opened | b" },
        { "opened | a; closed | b", "opened | a", "closed | a" },
        { "opened;  | a", "moved | a", "moved | b" },
        { " | a;  | b;  | c d", "moved | d c", "moved | d" },
        { " | a a", "moved | a", "moved | b" },
        { "opened | a!", "opened | a", "closed | a" },
        { "closed!;  | a", "moved | a", "moved | b" },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task A_further_event_that_matches_spoils_it_and_any_other_does_not(string query, string matching, string other)
    {
        ArgumentNullException.ThrowIfNull(query);
        var asked = Query(query.Split("; "));
        await StoreAsync(Event(matching), Event(other));
        var read = await QueryAsync(asked);
        await StoreAsync(Event(other), Event(other));
        await AppendIfAsync(asked, read.Point, Event("decided"));

        // Of an append that has no condition of its own.
        var spoiled = await StoreAsync(Event(other), Event(matching), Event(other));

        var unseen = await IsSpoiledAsync(() => AppendIfAsync(asked, read.Point, Event("decided")));
        Assert.Equal(spoiled.Position.Value - 1, unseen.Value);
        await AppendIfAsync(asked, (await QueryAsync(asked)).Point, Event("decided"));
    }

    [Fact]
    public async Task Any_event_spoils_a_condition_on_all()
    {
        await StoreAsync(NewEvent());
        var read = await QueryAsync(EventQuery.All);
        await AppendIfAsync(EventQuery.All, read.Point, NewEvent());

        await IsSpoiledAsync(() => AppendIfAsync(EventQuery.All, read.Point, NewEvent()));
        await AppendIfAsync(EventQuery.All, (await QueryAsync(EventQuery.All)).Point, NewEvent());
    }

    [Fact]
    public async Task What_a_decision_itself_appended_spoils_its_next_one_on_the_same_point()
    {
        var asked = Query("opened | a");
        var read = await QueryAsync(asked);
        await AppendIfAsync(asked, read.Point, Tagged("opened", "a"));

        await IsSpoiledAsync(() => AppendIfAsync(asked, read.Point, Tagged("opened", "a")));
    }

    [Fact]
    public async Task With_nothing_seen_any_event_that_matches_is_one_too_many()
    {
        var asked = Query(" | user:ada");
        await AppendIfAsync(asked, DecisionPoint.Start, Tagged("registered", "user:ada"));

        Assert.Equal(new LogPosition(1), await IsSpoiledAsync(() => AppendIfAsync(asked, DecisionPoint.Start, Tagged("registered", "user:ada"))));
        await AppendIfAsync(Query(" | user:bob"), DecisionPoint.Start, Tagged("registered", "user:bob"));
    }

    [Fact]
    public async Task Events_up_to_the_point_and_those_that_are_named_beyond_it_are_seen()
    {
        var asked = Query(" | a");
        await StoreAsync(Tagged("opened", "a"), Tagged("opened", "a"), Tagged("opened", "b"), Tagged("opened", "a"), Tagged("opened", "a"));

        Assert.Equal(new LogPosition(5), await SpoilsAsync(4));
        Assert.Equal(new LogPosition(4), await SpoilsAsync(3, 5));
        Assert.Equal(new LogPosition(5), await SpoilsAsync(2, 4));
        Assert.Equal(new LogPosition(1), await SpoilsAsync(0, 2, 4, 5));
        await AppendIfAsync(asked, Point(5), NewEvent());
        await AppendIfAsync(asked, Point(4, 5), NewEvent());
        await AppendIfAsync(asked, Point(2, 5, 4), NewEvent());
        await AppendIfAsync(asked, Point(0, 1, 2, 4, 5), NewEvent());
        await AppendIfAsync(asked, Point(2, 1, 3, 4, 4, 5, 77), NewEvent());
        await AppendIfAsync(asked, Point(1_000_000), NewEvent());

        Task<LogPosition> SpoilsAsync(long to, params long[] after) => IsSpoiledAsync(() => AppendIfAsync(asked, Point(to, after), NewEvent()));
    }

    [Fact]
    public async Task Versions_and_the_condition_are_both_listed_when_both_are_violated()
    {
        var asked = Query(" | a");
        await AppendAsync("a-1", ExpectedVersion.NoStream, Tagged("opened", "a"));
        await AppendAsync("b-1", ExpectedVersion.NoStream, NewEvent());
        var condition = new AppendCondition(asked, DecisionPoint.Start);

        var conflict = await ConflictsAsync(
            () => AppendIfAsync(
                condition,
                new StreamAppend("a-1", ExpectedVersion.At(7), NewEvents(1)),
                new StreamAppend("c-1", ExpectedVersion.NoStream, NewEvents(1)),
                new StreamAppend("b-1", ExpectedVersion.NoStream, [])),
            ("a-1", ExpectedVersion.At(7), 1),
            ("b-1", ExpectedVersion.NoStream, 1));
        Assert.Equal(new LogPosition(1), conflict.Unseen);
        Assert.Contains("position 1", conflict.Message, StringComparison.Ordinal);

        var held = await ConflictsAsync(
            () => AppendIfAsync(new AppendCondition(asked, Point(1)), new StreamAppend("a-1", ExpectedVersion.NoStream, NewEvents(1))), ("a-1", ExpectedVersion.NoStream, 1));
        Assert.Null(held.Unseen);
    }

    [Fact]
    public async Task Several_streams_are_appended_under_one_condition_or_none_of_them()
    {
        var asked = Query("opened | a");
        var read = await QueryAsync(asked);
        var condition = new AppendCondition(asked, read.Point);
        await AppendIfAsync(
            condition,
            new StreamAppend("a-1", ExpectedVersion.NoStream, [Tagged("moved"), Tagged("opened", "a")]),
            new StreamAppend("b-1", ExpectedVersion.Any, [Tagged("moved")]));

        await IsSpoiledAsync(() => AppendIfAsync(
            condition,
            new StreamAppend("b-1", ExpectedVersion.At(1), [Tagged("moved")]),
            new StreamAppend("c-1", ExpectedVersion.Any, [Tagged("moved")]),
            new StreamAppend("a-1", ExpectedVersion.StreamExists, [])));
        Assert.Empty(await ReadAsync("c-1"));
    }

    [Fact]
    public async Task A_condition_beside_streams_that_are_only_checked_is_looked_at()
    {
        var asked = Query(" | a");
        await AppendAsync("a-1", ExpectedVersion.NoStream, Tagged("opened", "a"));
        StreamAppend[] check = [new("a-1", ExpectedVersion.At(1), []), new("b-1", ExpectedVersion.NoStream, [])];

        await IsSpoiledAsync(() => AppendIfAsync(new AppendCondition(asked, DecisionPoint.Start), check));
        var result = await AppendIfAsync(new AppendCondition(asked, Point(1)), check);

        Assert.Equal([1L, 0], result.Streams.Select(stream => stream.Version.Value));
        Assert.Equal(1, await HeadAsync());
        await ConflictsAsync(
            () => AppendIfAsync(new AppendCondition(asked, Point(1)), new StreamAppend("a-1", ExpectedVersion.At(2), [])), ("a-1", ExpectedVersion.At(2), 1));
    }

    [Fact]
    public async Task A_repetition_gets_the_first_result_though_its_own_events_match_and_others_have_followed()
    {
        var asked = Query(" | a");
        await StoreAsync(Tagged("opened", "a"));
        var condition = new AppendCondition(asked, (await QueryAsync(asked)).Point);
        StreamAppend[] parts =
        [
            new("one-1", ExpectedVersion.NoStream, [Tagged("opened", "a"), Tagged("closed", "a")]),
            new("limit-1", ExpectedVersion.NoStream, []),
            new("two-1", ExpectedVersion.NoStream, [Tagged("opened", "a")]),
        ];
        var first = await AppendIfAsync(condition, parts);
        Assert.False(first.AlreadyStored);

        foreach (var others in new EventData[][] { [], [Tagged("opened", "a"), Tagged("moved", "a")] })
        {
            if (others.Length > 0)
            {
                await StoreAsync(others);
            }

            var before = await HeadAsync();
            var again = await AppendIfAsync(condition, parts);
            Assert.True(again.AlreadyStored);
            Assert.Equal((first.Position, before), (again.Position, await HeadAsync()));
            Assert.Equal(first.Streams, again.Streams);
        }

        // The same ids are no excuse where the append is another one.
        await ConflictsAsync(
            () => AppendIfAsync(condition, [.. parts, new StreamAppend("three-1", ExpectedVersion.NoStream, NewEvents(1))]),
            ("one-1", ExpectedVersion.NoStream, 2),
            ("two-1", ExpectedVersion.NoStream, 1));
    }

    [Fact]
    public async Task A_repetition_that_cannot_be_recognised_is_spoiled_by_its_own_events()
    {
        var condition = new AppendCondition(Query(" | a"), DecisionPoint.Start);
        StreamAppend[] parts = [new("one-1", ExpectedVersion.Any, [Tagged("opened", "a")])];
        await AppendIfAsync(condition, parts);

        await IsSpoiledAsync(() => AppendIfAsync(condition, parts));
    }

    [Fact]
    public async Task The_same_append_many_times_at_once_is_stored_once_and_all_get_its_result()
    {
        var asked = Query(" | a");
        for (var round = 0; round < 10; round++)
        {
            var condition = new AppendCondition(asked, (await QueryAsync(asked)).Point);
            var part = new StreamAppend(StreamName.For("one", round), ExpectedVersion.NoStream, [Tagged("opened", "a"), Tagged("closed", "a")]);

            var results = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => Task.Run(() => AppendIfAsync(condition, part), Cancellation))).WaitAsync(Patience, Cancellation);

            Assert.Single(results, result => !result.AlreadyStored);
            Assert.Single(results.Select(result => result.Position).Distinct());
            Assert.Equal(2 * (round + 1), await HeadAsync());
        }
    }

    [Fact]
    public async Task Bad_tags_queries_and_conditions_are_refused()
    {
        EventData With(params Tag[] tags) => new(Guid.NewGuid(), "opened", "{}"u8.ToArray(), tags: tags);
        await BadAsync(() => StoreAsync(With("a", default)));
        await BadAsync(() => StoreAsync(With([.. Enumerable.Range(0, Tag.MaxCount + 1).Select(i => Tag.For("n", i))])));
        foreach (var text in new[] { "", "zero\0", "line\n", "next\u0085", "lone" + '\ud800', new string('x', Tag.MaxLength + 1), null })
        {
            await BadAsync(() => StoreAsync(With(text!)));
        }

        await BadAsync(() => QueryAsync(new EventQuery()));
        await BadAsync(() => QueryAsync(null!));
        await BadAsync(() => QueryAsync(new EventQuery((EventQueryItem)null!)));
        await BadAsync(() => QueryAsync(new EventQuery(Item("opened"), new EventQueryItem { IsLatestOnly = true })));
        await BadAsync(() => QueryAsync(new EventQuery([.. Enumerable.Repeat(Item("opened"), EventQuery.MaxItems + 1)])));
        await BadAsync(() => QueryAsync(new EventQuery(new EventQueryItem { Tags = [default] })));
        await BadAsync(() => QueryAsync(new EventQuery(new EventQueryItem { Tags = [.. Enumerable.Range(0, Tag.MaxCount + 1).Select(i => Tag.For("n", i))] })));
        foreach (var type in new[] { "", "zero\0", "lone" + '\ud800', new string('x', EventData.MaxTypeLength + 1), null })
        {
            await BadAsync(() => QueryAsync(new EventQuery(new EventQueryItem { Types = ["opened", type!] })));
        }

        await BadAsync(() => AppendIfAsync(null!, DecisionPoint.Start, NewEvent()));
        await BadAsync(() => AppendIfAsync(Query("opened"), null!, NewEvent()));
        await BadAsync(() => AppendIfAsync(Query("opened"), new DecisionPoint(LogPosition.Start, null!), NewEvent()));
        await BadAsync(() => AppendIfAsync(Query("opened"), Point(0, [.. Enumerable.Range(1, AppendCondition.MaxSeenAfter + 1)]), NewEvent()));

        Task BadAsync(Func<Task> action) => RefusesAsync<ArgumentException>(action);
    }

    [Fact]
    public async Task The_most_that_a_decision_may_have_seen_is_taken()
    {
        await StoreAsync(Tagged("opened", "a"), Tagged("opened", "a"));
        var all = Point(0, [.. Enumerable.Range(1, AppendCondition.MaxSeenAfter)]);
        var butTheSecond = Point(0, [1, .. Enumerable.Range(3, AppendCondition.MaxSeenAfter - 1)]);

        await AppendIfAsync(Query(" | a"), all, NewEvent());
        Assert.Equal(new LogPosition(2), await IsSpoiledAsync(() => AppendIfAsync(Query(" | a"), butTheSecond, NewEvent())));
    }

    [Fact]
    public async Task What_a_decision_has_seen_is_not_changed_behind_its_back()
    {
        await StoreAsync(Tagged("opened", "a"));
        var seen = new List<LogPosition>();
        var condition = new AppendCondition(Query(" | a"), new DecisionPoint(LogPosition.Start, seen));
        seen.Add(new LogPosition(1));

        await IsSpoiledAsync(() => AppendIfAsync(condition, new StreamAppend("b-1", ExpectedVersion.NoStream, NewEvents(1))));
    }

    private static EventData Event(string text) => Item(text) is var item ? Tagged(item.Types.First(), string.Join(' ', item.Tags)) : null!;

    private static DecisionPoint Point(long to, params IEnumerable<long> after) => new(new LogPosition(to), [.. after.Select(position => new LogPosition(position))]);

    private static DecisionPoint Point(long to, IEnumerable<int> after) => Point(to, after.Select(position => (long)position));
}
