using Xunit;

namespace EventSourcing.Conformance;

/// <summary>A retried append is harmless: the same events at the same expected versions are stored once.</summary>
public abstract class RetrySuite : StoreSuite
{
    [Fact]
    public async Task A_repeated_append_gets_the_first_result_and_stores_nothing()
    {
        var events = NewEvents(3);
        var first = await AppendAsync("order-1", ExpectedVersion.NoStream, events);

        var second = await AppendAsync("order-1", ExpectedVersion.NoStream, events);

        Assert.True(second.AlreadyStored);
        Assert.Equal(first.Position, second.Position);
        Assert.Equal(first.Streams, second.Streams);
        Assert.Equal(3, await HeadAsync());
    }

    [Fact]
    public async Task An_append_is_recognised_after_others_have_followed_it()
    {
        await AppendAsync("order-1", ExpectedVersion.NoStream, NewEvents(2));
        var events = NewEvents(2);
        var first = await AppendAsync("order-1", ExpectedVersion.At(2), events);
        await AppendAsync("order-1", ExpectedVersion.At(4), NewEvents(5));

        var second = await AppendAsync("order-1", ExpectedVersion.At(2), events);

        Assert.True(second.AlreadyStored);
        Assert.Equal(new StreamVersion(4), second.Streams[0].Version);
        Assert.Equal(first.Position, second.Position);
    }

    [Fact]
    public async Task A_first_event_that_matches_and_a_later_one_that_does_not_are_a_conflict()
    {
        var events = NewEvents(2);
        await AppendAsync("order-1", ExpectedVersion.NoStream, events);

        await ConflictsAsync(() => AppendAsync("order-1", ExpectedVersion.NoStream, events[0], NewEvent()), ("order-1", ExpectedVersion.NoStream, 2));
        await ConflictsAsync(() => AppendAsync("order-1", ExpectedVersion.NoStream, events[1], events[0]), ("order-1", ExpectedVersion.NoStream, 2));
        await ConflictsAsync(() => AppendAsync("order-1", ExpectedVersion.NoStream, [.. events, NewEvent()]), ("order-1", ExpectedVersion.NoStream, 2));
    }

    [Fact]
    public async Task A_prefix_of_what_was_stored_is_a_repetition()
    {
        var events = NewEvents(3);
        await AppendAsync("order-1", ExpectedVersion.NoStream, events);

        var result = await AppendAsync("order-1", ExpectedVersion.NoStream, events[0], events[1]);

        Assert.True(result.AlreadyStored);
        Assert.Equal(new StreamVersion(2), result.Streams[0].Version);
    }

    [Fact]
    public async Task Events_of_two_appends_are_recognised_as_one()
    {
        var events = NewEvents(3);
        await AppendAsync("order-1", ExpectedVersion.NoStream, events[0]);
        var last = await AppendAsync("order-1", ExpectedVersion.At(1), events[1], events[2]);

        var result = await AppendAsync("order-1", ExpectedVersion.NoStream, events);

        Assert.True(result.AlreadyStored);
        Assert.Equal(last.Position, result.Position);
    }

    [Fact]
    public async Task The_same_events_at_another_expected_version_are_a_conflict()
    {
        await AppendAsync("order-1", ExpectedVersion.NoStream, NewEvent());
        var events = NewEvents(1);
        await AppendAsync("order-1", ExpectedVersion.At(1), events);

        await ConflictsAsync(() => AppendAsync("order-1", ExpectedVersion.NoStream, events), ("order-1", ExpectedVersion.NoStream, 2));
    }

    [Fact]
    public async Task Without_an_exact_expectation_a_repetition_is_not_recognised()
    {
        var events = NewEvents(1);
        await AppendAsync("order-1", ExpectedVersion.Any, events);
        await AppendAsync("order-1", ExpectedVersion.Any, events);
        await AppendAsync("order-1", ExpectedVersion.StreamExists, events);

        Assert.Equal(3, (await ReadAsync("order-1")).Count);
    }

    [Fact]
    public async Task A_repeated_append_of_several_streams_gets_the_first_result_whatever_the_checked_ones_are_at()
    {
        await AppendAsync("limit-1", ExpectedVersion.NoStream, NewEvent());
        StreamAppend[] parts =
        [
            new("a-1", ExpectedVersion.NoStream, NewEvents(2)),
            new("limit-1", ExpectedVersion.At(1), []),
            new("b-1", ExpectedVersion.NoStream, NewEvents(1)),
        ];
        var first = await AppendAsync(parts);
        await AppendAsync("limit-1", ExpectedVersion.At(1), NewEvents(4));
        await AppendAsync("a-1", ExpectedVersion.At(2), NewEvents(1));

        var second = await AppendAsync(parts);

        Assert.True(second.AlreadyStored);
        Assert.Equal(first.Position, second.Position);
        Assert.Equal([2L, 5, 1], second.Streams.Select(stream => stream.Version.Value));
        Assert.Equal(9, await HeadAsync());
    }

    [Fact]
    public async Task Half_of_a_repeated_append_is_a_conflict()
    {
        var events = NewEvents(1);
        await AppendAsync("a-1", ExpectedVersion.NoStream, events);

        await ConflictsAsync(
            () => AppendAsync(
                new StreamAppend("a-1", ExpectedVersion.NoStream, events),
                new StreamAppend("b-1", ExpectedVersion.NoStream, NewEvents(1))),
            ("a-1", ExpectedVersion.NoStream, 1));
        Assert.Empty(await ReadAsync("b-1"));
    }

    [Fact]
    public async Task The_same_append_many_times_at_once_is_stored_once_and_all_get_its_result()
    {
        for (var round = 0; round < 10; round++)
        {
            var stream = StreamName.For("order", round);
            var events = NewEvents(3);

            var results = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ =>
                Task.Run(() => AppendAsync(stream, ExpectedVersion.NoStream, events), Cancellation)));

            Assert.Equal(1, results.Count(result => !result.AlreadyStored));
            Assert.Single(results.Select(result => result.Position).Distinct());
            Assert.Equal(events.Select(data => data.Id), (await ReadAsync(stream)).Select(recorded => recorded.Id));
        }
    }

    [Fact]
    public async Task An_append_that_is_exact_in_some_of_its_streams_only_is_not_recognised()
    {
        StreamAppend[] parts = [new("a-1", ExpectedVersion.NoStream, NewEvents(1)), new("b-1", ExpectedVersion.Any, NewEvents(1))];
        await AppendAsync(parts);

        await ConflictsAsync(() => AppendAsync(parts), ("a-1", ExpectedVersion.NoStream, 1));
        Assert.Single(await ReadAsync("b-1"));
    }

    [Fact]
    public async Task The_first_result_names_its_last_position_whatever_the_order_of_the_parts()
    {
        StreamAppend[] parts = [new("b-1", ExpectedVersion.NoStream, NewEvents(2)), new("a-1", ExpectedVersion.NoStream, NewEvents(2))];
        var first = await AppendAsync(parts);

        var second = await AppendAsync([.. parts.Reverse()]);

        Assert.True(second.AlreadyStored);
        Assert.Equal(first.Position, second.Position);
        Assert.Equal(["a-1", "b-1"], second.Streams.Select(stream => stream.Stream.Value));
        Assert.Equal(4, await HeadAsync());
    }

    [Fact]
    public async Task The_same_append_to_several_streams_many_times_at_once_is_stored_once()
    {
        for (var round = 0; round < 10; round++)
        {
            StreamAppend[] parts =
            [
                new(StreamName.For("b", round), ExpectedVersion.NoStream, NewEvents(2)),
                new(StreamName.For("limit", round), ExpectedVersion.NoStream, []),
                new(StreamName.For("a", round), ExpectedVersion.NoStream, NewEvents(2)),
            ];

            var results = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => Task.Run(
                () => AppendAsync(i % 2 == 0 ? parts : [.. parts.Reverse()]), Cancellation))).WaitAsync(Patience, Cancellation);

            Assert.Single(results, result => !result.AlreadyStored);
            Assert.Single(results.Select(result => result.Position).Distinct());
            Assert.Equal(4 * (round + 1), await HeadAsync());
        }
    }
}
