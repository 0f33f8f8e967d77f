using Xunit;

namespace EventSourcing.Conformance;

/// <summary>What an append answers, row by row of the table in the documentation, and that all of it is stored or nothing.</summary>
public abstract class AppendSuite : StoreSuite
{
    [Fact]
    public async Task Append_to_a_new_stream_stores_versions_from_one()
    {
        var result = await AppendAsync("order-1", ExpectedVersion.NoStream, NewEvents(3));

        Assert.False(result.AlreadyStored);
        Assert.Equal(new StreamAppendResult("order-1", new StreamVersion(3)), Assert.Single(result.Streams));
        var stored = await ReadAsync("order-1");
        Assert.Equal([1, 2, 3], stored.Select(recorded => recorded.Version.Value));
        Assert.Equal(result.Position, stored[^1].Position);
    }

    [Fact]
    public async Task Append_at_the_current_version_goes_on_from_there()
    {
        await AppendAsync("order-1", ExpectedVersion.NoStream, NewEvents(2));

        var result = await AppendAsync("order-1", ExpectedVersion.At(2), NewEvents(2));

        Assert.Equal(new StreamVersion(4), result.Streams[0].Version);
        Assert.Equal([1, 2, 3, 4], (await ReadAsync("order-1")).Select(recorded => recorded.Version.Value));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Append_at_a_stale_version_throws_a_conflict(int expected)
    {
        await AppendAsync("order-1", ExpectedVersion.NoStream, NewEvents(2));

        await ConflictsAsync(
            () => AppendAsync("order-1", ExpectedVersion.At(expected), NewEvent()), ("order-1", ExpectedVersion.At(expected), 2));
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(2, 3)]
    [InlineData(2, long.MaxValue / 2)]
    [InlineData(2, long.MaxValue - 1)]
    public async Task Append_above_the_current_version_throws_a_conflict(int current, long expected)
    {
        if (current > 0)
        {
            await AppendAsync("order-1", ExpectedVersion.NoStream, NewEvents(current));
        }

        await ConflictsAsync(
            () => AppendAsync("order-1", ExpectedVersion.At(expected), NewEvent()), ("order-1", ExpectedVersion.At(expected), current));
    }

    [Fact]
    public async Task Append_at_any_version_is_stored_whether_or_not_the_stream_exists()
    {
        Assert.Equal(new StreamVersion(1), (await AppendAsync("order-1", ExpectedVersion.Any, NewEvent())).Streams[0].Version);
        Assert.Equal(new StreamVersion(2), (await AppendAsync("order-1", ExpectedVersion.Any, NewEvent())).Streams[0].Version);
    }

    [Fact]
    public async Task Append_to_an_existing_stream_needs_one()
    {
        await ConflictsAsync(() => AppendAsync("order-1", ExpectedVersion.StreamExists, NewEvent()), ("order-1", ExpectedVersion.StreamExists, 0));
        await AppendAsync("order-1", ExpectedVersion.NoStream, NewEvent());

        Assert.Equal(new StreamVersion(2), (await AppendAsync("order-1", ExpectedVersion.StreamExists, NewEvent())).Streams[0].Version);
    }

    [Fact]
    public async Task The_loser_of_a_conflict_takes_no_position()
    {
        await AppendAsync("order-1", ExpectedVersion.NoStream, NewEvent());
        for (var i = 0; i < 5; i++)
        {
            await ConflictsAsync(() => AppendAsync("order-1", ExpectedVersion.NoStream, NewEvent()), ("order-1", ExpectedVersion.NoStream, 1));
        }

        Assert.Equal(new LogPosition(2), (await AppendAsync("order-1", ExpectedVersion.At(1), NewEvent())).Position);
    }

    [Fact]
    public async Task The_loser_of_an_append_to_several_streams_takes_no_position()
    {
        await AppendAsync("a-1", ExpectedVersion.NoStream, NewEvents(2));
        for (var i = 0; i < 5; i++)
        {
            await ConflictsAsync(
                () => AppendAsync(
                    new StreamAppend("b-1", ExpectedVersion.NoStream, NewEvents(3)), new StreamAppend("a-1", ExpectedVersion.At(1), NewEvents(3))),
                ("a-1", ExpectedVersion.At(1), 2));
            await ConflictsAsync(
                () => AppendAsync(
                    new StreamAppend("b-1", ExpectedVersion.NoStream, NewEvents(3)), new StreamAppend("a-1", ExpectedVersion.At(1), [])),
                ("a-1", ExpectedVersion.At(1), 2));
        }

        Assert.Equal(new LogPosition(3), (await AppendAsync("b-1", ExpectedVersion.NoStream, NewEvent())).Position);
    }

    [Fact]
    public async Task A_large_append_is_stored_whole_and_in_order()
    {
        var events = NewEvents(1_200);

        var result = await AppendAsync("order-1", ExpectedVersion.NoStream, events);

        var stored = await ReadAsync("order-1");
        Assert.Equal(new StreamVersion(1_200), result.Streams[0].Version);
        Assert.Equal(events.Select(data => data.Id), stored.Select(recorded => recorded.Id));
        Assert.Equal(Enumerable.Range(1, 1_200).Select(i => (long)i), stored.Select(recorded => recorded.Version.Value));
    }

    [Fact]
    public async Task Several_streams_are_stored_together_and_in_the_order_given()
    {
        var result = await AppendAsync(
            new StreamAppend("b-1", ExpectedVersion.NoStream, NewEvents(2, "first")),
            new StreamAppend("a-1", ExpectedVersion.Any, NewEvents(1, "second")),
            new StreamAppend("c-1", ExpectedVersion.NoStream, NewEvents(2, "third")));

        Assert.Equal(["b-1", "a-1", "c-1"], result.Streams.Select(stream => stream.Stream.Value));
        Assert.Equal([2L, 1, 2], result.Streams.Select(stream => stream.Version.Value));
        var log = await ReadLogAsync();
        Assert.Equal(["first", "first", "second", "third", "third"], log.Select(recorded => recorded.Type));
        Assert.Equal(result.Position, log[^1].Position);
    }

    [Fact]
    public async Task One_violated_expectation_keeps_all_streams_from_being_written()
    {
        await AppendAsync("a-1", ExpectedVersion.NoStream, NewEvents(3));

        await ConflictsAsync(
            () => AppendAsync(
                new StreamAppend("b-1", ExpectedVersion.NoStream, NewEvents(1)),
                new StreamAppend("a-1", ExpectedVersion.At(2), NewEvents(1)),
                new StreamAppend("c-1", ExpectedVersion.Any, NewEvents(1))),
            ("a-1", ExpectedVersion.At(2), 3));
        Assert.Empty(await ReadAsync("b-1"));
        Assert.Empty(await ReadAsync("c-1"));
    }

    [Fact]
    public async Task Every_violated_expectation_is_reported_and_no_other()
    {
        await AppendAsync("a-1", ExpectedVersion.NoStream, NewEvents(3));
        await AppendAsync("d-1", ExpectedVersion.NoStream, NewEvents(1));

        var conflict = await ConflictsAsync(
            () => AppendAsync(
                new StreamAppend("a-1", ExpectedVersion.NoStream, NewEvents(1)),
                new StreamAppend("b-1", ExpectedVersion.StreamExists, NewEvents(1)),
                new StreamAppend("c-1", ExpectedVersion.NoStream, NewEvents(1)),
                new StreamAppend("d-1", ExpectedVersion.At(7), [])),
            ("a-1", ExpectedVersion.NoStream, 3),
            ("b-1", ExpectedVersion.StreamExists, 0),
            ("d-1", ExpectedVersion.At(7), 1));
        Assert.Contains("'a-1'", conflict.Message, StringComparison.Ordinal);
        Assert.Contains("version 7", conflict.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stream_may_be_only_checked()
    {
        await AppendAsync("limit-1", ExpectedVersion.NoStream, NewEvents(2));

        var result = await AppendAsync(
            new StreamAppend("limit-1", ExpectedVersion.At(2), []),
            new StreamAppend("closed-1", ExpectedVersion.NoStream, []),
            new StreamAppend("order-1", ExpectedVersion.NoStream, NewEvents(1)));

        Assert.Equal([2L, 0, 1], result.Streams.Select(stream => stream.Version.Value));
        Assert.Equal(2, (await ReadAsync("limit-1")).Count);
        Assert.Empty(await ReadAsync("closed-1"));
        await ConflictsAsync(() => AppendAsync("closed-1", ExpectedVersion.StreamExists, NewEvent()), ("closed-1", ExpectedVersion.StreamExists, 0));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_append_without_events_only_checks_and_creates_nothing(bool isViolated)
    {
        if (isViolated)
        {
            await AppendAsync("order-1", ExpectedVersion.NoStream, NewEvent());
            await ConflictsAsync(() => AppendAsync("order-1", ExpectedVersion.NoStream), ("order-1", ExpectedVersion.NoStream, 1));
            return;
        }

        foreach (var expected in new[] { ExpectedVersion.NoStream, ExpectedVersion.Any })
        {
            var result = await AppendAsync("order-1", expected);
            Assert.Equal(StreamVersion.None, result.Streams[0].Version);
            Assert.Equal(LogPosition.Start, result.Position);
            Assert.False(result.AlreadyStored);
        }

        Assert.Equal(0, await HeadAsync());
    }

    [Fact]
    public async Task A_stream_that_is_only_checked_can_refuse_the_append()
    {
        await AppendAsync("limit-1", ExpectedVersion.NoStream, NewEvents(2));

        foreach (var (stream, expected, actual) in new (string, ExpectedVersion, long)[]
        {
            ("limit-1", ExpectedVersion.NoStream, 2),
            ("limit-1", ExpectedVersion.At(1), 2),
            ("limit-1", ExpectedVersion.At(3), 2),
            ("missing-1", ExpectedVersion.StreamExists, 0),
            ("missing-1", ExpectedVersion.At(1), 0),
        })
        {
            await ConflictsAsync(
                () => AppendAsync(
                    new StreamAppend("order-1", ExpectedVersion.Any, NewEvents(1)), new StreamAppend(stream, expected, [])),
                (stream, expected, actual));
        }

        Assert.Empty(await ReadAsync("order-1"));
        Assert.Empty(await ReadAsync("missing-1"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public async Task An_append_without_events_is_refused_at_any_version_but_the_current(int expected)
    {
        await AppendAsync("order-1", ExpectedVersion.NoStream, NewEvents(2));

        await ConflictsAsync(() => AppendAsync("order-1", ExpectedVersion.At(expected)), ("order-1", ExpectedVersion.At(expected), 2));
        Assert.Equal(new StreamVersion(2), (await AppendAsync("order-1", ExpectedVersion.At(2))).Streams[0].Version);
    }

    [Fact]
    public async Task Several_streams_may_be_checked_and_none_written()
    {
        await AppendAsync("a-1", ExpectedVersion.NoStream, NewEvents(2));
        StreamAppend[] met = [new("a-1", ExpectedVersion.StreamExists, []), new("b-1", ExpectedVersion.NoStream, []), new("c-1", ExpectedVersion.Any, [])];
        StreamAppend[] violated = [new("a-1", ExpectedVersion.At(1), []), new("b-1", ExpectedVersion.StreamExists, []), new("c-1", ExpectedVersion.Any, [])];

        var result = await AppendAsync(met);

        Assert.Equal([2L, 0, 0], result.Streams.Select(stream => stream.Version.Value));
        Assert.Equal((LogPosition.Start, false), (result.Position, result.AlreadyStored));
        await ConflictsAsync(() => AppendAsync(violated), ("a-1", ExpectedVersion.At(1), 2), ("b-1", ExpectedVersion.StreamExists, 0));
        Assert.Equal(2, await HeadAsync());
        Assert.Equal(new StreamVersion(1), (await AppendAsync("b-1", ExpectedVersion.NoStream, NewEvent())).Streams[0].Version);
    }

    [Fact]
    public async Task A_cancelled_append_stores_nothing()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        await RefusesAsync<OperationCanceledException>(() =>
            Store.AppendAsync("order-1", ExpectedVersion.NoStream, NewEvents(1), cancelled.Token));
    }

    [Fact]
    public async Task The_time_of_recording_is_that_of_the_append()
    {
        var before = DateTimeOffset.UtcNow.AddMinutes(-1);
        await AppendAsync("order-1", ExpectedVersion.NoStream, NewEvent());

        var stored = Assert.Single(await ReadAsync("order-1"));
        Assert.InRange(stored.RecordedAt, before, DateTimeOffset.UtcNow.AddMinutes(1));
        Assert.Equal(TimeSpan.Zero, stored.RecordedAt.Offset);
    }
}
