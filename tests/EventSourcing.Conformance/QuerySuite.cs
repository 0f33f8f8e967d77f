using System.Text;
using Xunit;

namespace EventSourcing.Conformance;

/// <summary>Tags come back as they were written, and queries find what they ask for: each event once, in order.</summary>
public abstract class QuerySuite : TaggedSuite
{
    // Compared byte for byte: forms that look alike are different tags.
    private static readonly string[] OddTags =
    [
        "a", "A", "course:c1", "course:c10", "course:c1 ", " course:c1", "é:é", "e\u0301:1", "👩‍👩‍👧:家族", "٣:١", "\uFEFF:bom", "a,b", "{a}", "\"quoted\"", "back\\slash",
        "NULL", "null", "%", "_", "a'b", "x::y", "ß", "ss", "İ", "i", new string('x', Tag.MaxLength), new string('漢', Tag.MaxLength), "\u00a0", "\u2028", "\uffff", "\ue000", "[",
    ];

    [Fact]
    public async Task Tags_come_back_exactly_and_in_order_wherever_events_are_read()
    {
        Tag[] tags = [.. OddTags.Select(tag => new Tag(tag))];
        Assert.Equal(Tag.MaxCount, tags.Length);
        var none = NewEvent();
        await AppendAsync("odd-1", ExpectedVersion.NoStream, With(tags), none, With([.. tags.Reverse()]), With(["one", "two", "one", "two"]));

        IReadOnlyList<Tag>[] expected = [tags, [], [.. tags.Reverse()], ["one", "two"]];
        Assert.Equal(expected, (await ReadAsync("odd-1")).Select(recorded => recorded.Tags));
        Assert.Equal(expected.Reverse(), (await ReadAsync("odd-1", new StreamReadOptions { Direction = ReadDirection.Backwards })).Select(recorded => recorded.Tags));
        Assert.Equal(expected, (await ReadLogAsync()).Select(recorded => recorded.Tags));
        Assert.Equal(expected, (await QueryAsync(EventQuery.All)).Events.Select(recorded => recorded.Tags));
    }

    [Fact]
    public async Task Each_odd_tag_finds_its_own_event_and_no_other()
    {
        await StoreAsync([.. OddTags.Select(tag => With([tag], tag))]);

        foreach (var tag in OddTags)
        {
            var found = Assert.Single((await QueryAsync(new EventQuery(new EventQueryItem { Tags = [tag] }))).Events);
            Assert.Equal([new Tag(tag)], found.Tags);
        }
    }

    [Theory]
    [InlineData("opened", "1 2 4")] // types only
    [InlineData("opened closed", "1 2 4 5 7")]
    [InlineData(" | a", "1 3 4 5")] // tags only
    [InlineData(" | a b", "4 5")] // all of the tags
    [InlineData(" | b a", "4 5")]
    [InlineData(" | a b c", "5")]
    [InlineData("opened | a", "1 4")] // both
    [InlineData("opened closed | b", "2 4 5")]
    [InlineData("closed | a b c", "5")]
    [InlineData(" | a;  | b", "1 2 3 4 5")] // any of the items, an event that both match once
    [InlineData("opened;  | a", "1 2 3 4 5")]
    [InlineData("opened; opened; opened | a", "1 2 4")]
    [InlineData("closed | c; moved | a", "3 5")]
    [InlineData(" | a a a", "1 3 4 5")] // a tag that comes twice counts once
    [InlineData("opened opened | b b", "2 4")]
    [InlineData("never", "")]
    [InlineData(" | never", "")]
    [InlineData("opened | a never", "")]
    [InlineData("opened!", "4")] // the latest only
    [InlineData(" | a!", "5")]
    [InlineData("opened | b!", "4")]
    [InlineData(" | never!", "")]
    [InlineData("opened!; closed!", "4 7")]
    [InlineData("opened!;  | b", "2 4 5")] // the latest beside all
    [InlineData(" | a!;  | a", "1 3 4 5")]
    [InlineData(" | b!;  | c!", "5")]
    [InlineData("moved!; opened | b", "2 4 6")]
    public async Task A_query_finds_each_event_that_matches_once_and_in_order(string query, string expected)
    {
        ArgumentNullException.ThrowIfNull(query);
        await AppendAsync("door-1", ExpectedVersion.NoStream, Tagged("opened", "a", "1"), Tagged("opened", "b", "2"));
        await AppendAsync("door-2", ExpectedVersion.NoStream, Tagged("moved", "a", "3"), Tagged("opened", "b a", "4"));
        await AppendAsync("door-1", ExpectedVersion.At(2), Tagged("closed", "a b c", "5"), Tagged("moved", "d", "6"));
        await AppendAsync("door-3", ExpectedVersion.NoStream, Tagged("closed", "", "7"));

        var found = await QueryAsync(Query(query.Split("; ")));

        Assert.Equal(expected, string.Join(' ', found.Events.Select(recorded => Encoding.UTF8.GetString(recorded.Data.Span).Trim('"'))));
        Assert.Equal(found.Events.Select(recorded => recorded.Position).Order(), found.Events.Select(recorded => recorded.Position));
    }

    [Fact]
    public async Task A_query_of_all_finds_the_whole_log_just_as_it_is_read()
    {
        Assert.Empty((await QueryAsync(EventQuery.All)).Events);
        await AppendAsync("a-1", ExpectedVersion.NoStream, Tagged("opened", "a b"), NewEvent("closed", """{"n":1}""", """{"actor":"clerk"}"""));
        await AppendAsync("b-1", ExpectedVersion.NoStream, Tagged("moved"));

        var found = (await QueryAsync(EventQuery.All)).Events;

        Assert.Equal((await ReadLogAsync()).Select(Whole), found.Select(Whole));
        Assert.Equal(found.Skip(1).Take(1).Select(Whole), (await QueryAsync(Query("closed"))).Events.Select(Whole));
    }

    [Fact]
    public async Task The_largest_query_is_answered()
    {
        await StoreAsync([.. Enumerable.Range(0, EventQuery.MaxItems).Select(i => With([.. Enumerable.Range(0, Tag.MaxCount).Select(t => Tag.For($"kind{t}", i))], $"type{i}"))]);
        var query = new EventQuery([.. Enumerable.Range(0, EventQuery.MaxItems).Select(i => new EventQueryItem
        {
            Types = [.. Enumerable.Range(0, 20).Select(t => $"type{(i + t) % EventQuery.MaxItems}")],
            Tags = [.. Enumerable.Range(0, Tag.MaxCount).Select(t => Tag.For($"kind{t}", i))],
            IsLatestOnly = i % 2 == 0,
        })]);

        var found = await QueryAsync(query);

        Assert.Equal(EventQuery.MaxItems, found.Events.Count);
        await AppendIfAsync(query, found.Point, NewEvent());
        await StoreAsync(With([.. Enumerable.Range(0, Tag.MaxCount).Select(t => Tag.For($"kind{t}", 63))], "type3"));
        await IsSpoiledAsync(() => AppendIfAsync(query, found.Point, NewEvent()));
    }

    [Fact]
    public async Task Many_events_of_one_tag_are_all_found()
    {
        for (var i = 0; i < 12; i++)
        {
            await StoreAsync([.. Enumerable.Range(0, 250).Select(n => Tagged("counted", n % 2 == 0 ? "even" : "odd"))]);
        }

        Assert.Equal(1500, (await QueryAsync(Query(" | even"))).Events.Select(recorded => recorded.Position).Distinct().Count());
        Assert.Equal(3000, (await QueryAsync(EventQuery.All)).Events.Count);
        Assert.Equal(new LogPosition(3000), Assert.Single((await QueryAsync(Query("counted!"))).Events).Position);
    }

    [Fact]
    public async Task A_query_is_cancelled_before_it_begins() =>
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.QueryAsync(EventQuery.All, new CancellationToken(canceled: true)));

    private static EventData With(IReadOnlyCollection<Tag> tags, string type = "tagged") => new(Guid.CreateVersion7(), type, "{}"u8.ToArray(), tags: tags);

    private static string Whole(RecordedEvent recorded) => string.Join(
        '\n',
        recorded.Position,
        recorded.Stream,
        recorded.Version,
        recorded.Id,
        recorded.Type,
        Convert.ToHexString(recorded.Data.Span),
        Convert.ToHexString(recorded.Metadata.Span),
        string.Join(' ', recorded.Tags),
        recorded.RecordedAt.UtcTicks);
}
