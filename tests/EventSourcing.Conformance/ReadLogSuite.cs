using Xunit;

namespace EventSourcing.Conformance;

/// <summary>Reading the log: one order, pages, filters.</summary>
public abstract class ReadLogSuite : StoreSuite
{
    private async Task FillAsync()
    {
        for (var i = 0; i < 10; i++)
        {
            await AppendAsync(StreamName.For("order", i), ExpectedVersion.NoStream, NewEvent("placed"), NewEvent("paid"));
            await AppendAsync(StreamName.For("customer", i % 2), ExpectedVersion.Any, NewEvent("moved"));
        }
    }

    [Fact]
    public async Task The_log_has_one_order_that_agrees_with_each_streams()
    {
        await FillAsync();
        var log = await ReadLogAsync();

        Assert.Equal(30, log.Count);
        Assert.Equal(log.Select(recorded => recorded.Position).Order(), log.Select(recorded => recorded.Position));
        Assert.Equal(30, log.Select(recorded => recorded.Position).Distinct().Count());
        foreach (var stream in log.GroupBy(recorded => recorded.Stream))
        {
            Assert.Equal(
                (await ReadAsync(stream.Key)).Select(recorded => recorded.Position), stream.Select(recorded => recorded.Position));
        }

        Assert.Equal(log[^1].Position, (await Store.GetHeadAsync(Cancellation)).Final);
        Assert.Equal(log[^1].Position, (await Store.GetHeadAsync(Cancellation)).Highest);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(30)]
    [InlineData(1000)]
    public async Task Pages_of_any_size_give_the_same_events(int pageSize)
    {
        await FillAsync();
        var whole = await ReadLogAsync();

        var paged = await ReadLogAsync(new LogReadOptions { PageSize = pageSize });

        Assert.Equal(whole.Select(recorded => recorded.Id), paged.Select(recorded => recorded.Id));
    }

    [Theory]
    [InlineData(1, 0, null, null)]
    [InlineData(7, 0, null, null)]
    [InlineData(30, 0, null, null)]
    [InlineData(7, 4, 11, null)]
    [InlineData(5, 0, null, "moved")]
    [InlineData(7, 0, null, "never")]
    [InlineData(7, 1000, null, null)]
    public async Task Pages_follow_each_other_and_only_the_last_one_is_the_end(int pageSize, int after, int? upTo, string? type)
    {
        await FillAsync();
        var positions = (await ReadLogAsync()).ConvertAll(recorded => recorded.Position);
        var options = new LogReadOptions
        {
            After = after >= positions.Count ? new LogPosition(1_000_000) : after == 0 ? LogPosition.Start : positions[after - 1],
            UpTo = upTo is { } last ? positions[last - 1] : null,
            Filter = type is null ? EventFilter.All : new EventFilter { EventTypes = [type] },
            PageSize = pageSize,
        };

        var pages = await Store.ReadPagesAsync(options, Cancellation).ToListAsync(Cancellation);

        Assert.Equal(
            (await ReadLogAsync(options with { PageSize = 1000 })).Select(recorded => recorded.Position),
            pages.SelectMany(page => page.Events).Select(recorded => recorded.Position));
        Assert.All(pages, page => Assert.InRange(page.Events.Count, 0, pageSize));
        Assert.Equal([.. Enumerable.Repeat(false, pages.Count - 1), true], pages.Select(page => page.IsEnd));
        Assert.Equal(pages.Select(page => page.ReadTo).Order(), pages.Select(page => page.ReadTo));
        Assert.Equal(options.UpTo ?? (after >= positions.Count ? options.After : positions[^1]), pages[^1].ReadTo);
    }

    [Fact]
    public async Task A_page_says_how_far_it_looked_and_whether_that_is_the_end()
    {
        await FillAsync();
        var first = await Store.ReadLogAsync(new LogReadOptions { PageSize = 10 }, Cancellation);
        var rest = await Store.ReadLogAsync(new LogReadOptions { After = first.ReadTo, PageSize = 21 }, Cancellation);
        var none = await Store.ReadLogAsync(new LogReadOptions { After = rest.ReadTo }, Cancellation);
        var beyond = await Store.ReadLogAsync(new LogReadOptions { After = new LogPosition(1_000_000) }, Cancellation);

        Assert.Equal((10, first.Events[^1].Position, false), (first.Events.Count, first.ReadTo, first.IsEnd));
        Assert.Equal((20, rest.Events[^1].Position, true), (rest.Events.Count, rest.ReadTo, rest.IsEnd));
        Assert.Equal((0, rest.ReadTo, true), (none.Events.Count, none.ReadTo, none.IsEnd));
        Assert.Equal((0, new LogPosition(1_000_000), true), (beyond.Events.Count, beyond.ReadTo, beyond.IsEnd));
    }

    [Fact]
    public async Task A_part_of_the_log()
    {
        await FillAsync();
        var whole = await ReadLogAsync();

        var part = await ReadLogAsync(new LogReadOptions { After = whole[4].Position, UpTo = whole[14].Position, PageSize = 4 });

        Assert.Equal(whole.Skip(5).Take(10).Select(recorded => recorded.Id), part.Select(recorded => recorded.Id));
        Assert.Empty(await ReadLogAsync(new LogReadOptions { After = whole[14].Position, UpTo = whole[4].Position }));
    }

    [Theory]
    [InlineData(new[] { "order" }, new string[0], 20)]
    [InlineData(new[] { "customer" }, new string[0], 10)]
    [InlineData(new[] { "order", "customer" }, new string[0], 30)]
    [InlineData(new string[0], new[] { "paid" }, 10)]
    [InlineData(new string[0], new[] { "paid", "moved" }, 20)]
    [InlineData(new[] { "order" }, new[] { "paid", "moved" }, 10)]
    [InlineData(new[] { "orde" }, new string[0], 0)]
    [InlineData(new[] { "ORDER" }, new string[0], 0)]
    [InlineData(new string[0], new[] { "unheard" }, 0)]
    [InlineData(new string[0], new string[0], 30)]
    public async Task Only_events_that_pass_the_filter(string[] categories, string[] types, int count)
    {
        await FillAsync();
        var filter = new EventFilter { Categories = categories, EventTypes = types };

        foreach (var pageSize in new[] { 3, 1000 })
        {
            var events = await ReadLogAsync(new LogReadOptions { Filter = filter, PageSize = pageSize });
            Assert.Equal(count, events.Count);
            Assert.All(events, recorded => Assert.True(filter.Matches(recorded.Stream.Category, recorded.Type, recorded.Tags)));
        }
    }

    [Theory]
    [InlineData("shop:1", "", "", 10)]
    [InlineData("shop:1 colour:red", "", "", 5)]
    [InlineData("colour:red shop:1 shop:1", "", "", 5)]
    [InlineData("shop:1", "paid", "", 5)]
    [InlineData("shop:1", "", "customer", 0)]
    [InlineData("colour:red", "paid", "order", 10)]
    [InlineData("shop:1 shop:2", "", "", 0)]
    [InlineData("SHOP:1", "", "", 0)]
    [InlineData("shop", "", "", 0)]
    public async Task Only_events_that_have_all_tags_of_the_filter(string tags, string types, string categories, int count)
    {
        for (var i = 0; i < 10; i++)
        {
            var placed = NewEvent("placed");
            var shop = new Tag($"shop:{1 + (i % 2)}");
            await AppendAsync(
                StreamName.For("order", i),
                ExpectedVersion.NoStream,
                new EventData(placed.Id, placed.Type, placed.Data, tags: [shop]),
                new EventData(Guid.NewGuid(), "paid", placed.Data, tags: ["colour:red", shop]));
            await AppendAsync(StreamName.For("customer", i), ExpectedVersion.NoStream, NewEvent("moved"));
        }

        var filter = new EventFilter { Tags = [.. Words(tags).Select(tag => new Tag(tag))], EventTypes = Words(types), Categories = Words(categories) };
        var expected = (await ReadLogAsync()).Where(recorded => filter.Matches(recorded.Stream, recorded.Type, recorded.Tags)).Select(recorded => recorded.Id).ToArray();

        Assert.Equal(count, expected.Length);
        foreach (var pageSize in new[] { 1, 3, 1000 })
        {
            var events = await ReadLogAsync(new LogReadOptions { Filter = filter, PageSize = pageSize });
            Assert.Equal(expected, events.Select(recorded => recorded.Id));
        }

        var head = (await Store.GetHeadAsync(Cancellation)).Final;
        var end = await Store.ReadLogAsync(new LogReadOptions { Filter = filter }, Cancellation);
        Assert.Equal((head, true), (end.ReadTo, end.IsEnd));

        static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
    }

    [Fact]
    public void Tags_of_a_filter_that_no_event_can_have_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new EventFilter { Tags = [default] });
        Assert.Throws<ArgumentException>(() => new EventFilter { Tags = [.. Enumerable.Range(0, Tag.MaxCount + 1).Select(i => Tag.For("many", i))] });
        Assert.Throws<ArgumentNullException>(() => new EventFilter { Tags = null! });
    }

    [Fact]
    public async Task A_page_moves_on_over_events_that_do_not_pass()
    {
        await FillAsync();

        var page = await Store.ReadLogAsync(new LogReadOptions { Filter = new EventFilter { EventTypes = ["unheard"] } }, Cancellation);

        Assert.Empty(page.Events);
        Assert.Equal((await Store.GetHeadAsync(Cancellation)).Final, page.ReadTo);
        Assert.True(page.IsEnd);
    }

    [Fact]
    public async Task The_end_that_was_asked_for_is_the_end()
    {
        await FillAsync();
        var whole = await ReadLogAsync();
        var upTo = whole[9].Position;

        var cut = await Store.ReadLogAsync(new LogReadOptions { UpTo = upTo, PageSize = 4 }, Cancellation);
        var rest = await Store.ReadLogAsync(new LogReadOptions { After = cut.ReadTo, UpTo = upTo, PageSize = 7 }, Cancellation);
        var beyond = await Store.ReadLogAsync(new LogReadOptions { UpTo = new LogPosition(1_000_000) }, Cancellation);

        Assert.Equal((4, whole[3].Position, false), (cut.Events.Count, cut.ReadTo, cut.IsEnd));
        Assert.Equal((6, upTo, true), (rest.Events.Count, rest.ReadTo, rest.IsEnd));
        Assert.Equal((30, whole[^1].Position, true), (beyond.Events.Count, beyond.ReadTo, beyond.IsEnd));
    }

    [Fact]
    public async Task A_page_is_never_larger_than_asked_for()
    {
        await FillAsync();

        Assert.Equal(7, (await Store.ReadLogAsync(new LogReadOptions { PageSize = 7 }, Cancellation)).Events.Count);
        Assert.Equal(3, (await Store.ReadLogAsync(new LogReadOptions { PageSize = 3, Filter = new EventFilter { EventTypes = ["paid"] } }, Cancellation)).Events.Count);
    }

    [Fact]
    public async Task Reading_the_log_can_be_cancelled_before_and_within_a_page()
    {
        await FillAsync();
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.ReadLogAsync(new LogReadOptions(), cancelled.Token));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.GetHeadAsync(cancelled.Token));

        using var stop = new CancellationTokenSource();
        var seen = 0;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var recorded in Store.ReadAllAsync(cancellationToken: stop.Token))
            {
                seen++;
                await stop.CancelAsync();
            }
        });
        Assert.Equal(1, seen);
    }

    [Fact]
    public async Task An_empty_log_has_its_head_at_the_start()
    {
        Assert.Equal(new LogHead(LogPosition.Start, LogPosition.Start), await Store.GetHeadAsync(Cancellation));
        Assert.Empty(await ReadLogAsync());
    }
}
