using System.Text;
using Xunit;

namespace EventSourcing.Conformance;

/// <summary>Looking back at a stream: its state at a version, a position or a moment, and what changed in between.</summary>
public abstract class HistorySuite : StoreSuite
{
    private static readonly EventSerializer serializer = new(new EventTypeRegistry().Add<BasketFilled>().Add<BasketClosed>().Add<Ordered>());

    private static readonly Fold<Contents> contents = new(
        () => new Contents([], IsClosed: false),
        (state, @event) => @event is BasketFilled filled ? state with { Items = [.. state.Items, .. filled.Items] } : state with { IsClosed = true });

    private static readonly Decider<string, Contents, object> decider = new(new Contents([], IsClosed: false), (_, _) => [], (state, @event) => contents.Evolve(state, @event));

    private StreamHistory History => new(Store, serializer);

    /// <summary>A snapshot store beside the event store, empty.</summary>
    protected abstract ISnapshotStore CreateSnapshots(IEventStore store);

    [Fact]
    public async Task A_state_at_a_version_is_that_of_the_events_up_to_it_in_every_way_of_modelling()
    {
        await FillAsync("a", "b", "c");

        var basket = await History.StateAsync<Basket>("basket-1", PointInLog.At(new StreamVersion(2)), Cancellation);
        var folded = await History.StateAsync("basket-1", contents, PointInLog.At(new StreamVersion(2)), Cancellation);
        var decided = await History.StateAsync("basket-1", decider.Fold, PointInLog.At(new StreamVersion(2)), Cancellation);

        Assert.Equal(["a", "b"], basket.Items);
        Assert.Equal(("basket-1", 2L), (basket.Stream.Value, basket.Version.Value));
        Assert.Empty(basket.UncommittedEvents);
        Assert.Equal(["a", "b"], folded.State.Items);
        Assert.Equal((2L, (await ReadAsync("basket-1"))[1].Position), (folded.Version.Value, folded.Position));
        Assert.Equal(["a", "b"], decided.State.Items);
        Assert.Equal(["a", "b", "c"], (await History.StateAsync("basket-1", contents, cancellationToken: Cancellation)).State.Items);
    }

    [Fact]
    public async Task An_aggregate_of_the_past_cannot_be_saved_over_what_has_happened_since()
    {
        await FillAsync("a", "b");
        var basket = await History.StateAsync<Basket>("basket-1", PointInLog.At(new StreamVersion(1)), Cancellation);
        basket.Fill("c");

        await ConflictsAsync(() => new Repository(Store, serializer).SaveAsync(basket, cancellationToken: Cancellation), ("basket-1", ExpectedVersion.At(new StreamVersion(1)), 2));
    }

    [Fact]
    public async Task A_state_at_a_position_or_a_moment_is_that_of_what_had_happened_by_then()
    {
        await FillAsync("a", "b");
        await AppendAsync("other-1", ExpectedVersion.NoStream, NewEvents(2));
        await FillAsync("c");
        var events = await ReadAsync("basket-1");
        var day = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var history = new StreamHistory(new PastStore(Store) { Times = [day, day.AddHours(1), day.AddHours(2)] }, serializer);

        // Between two of its events others may stand in the log.
        Assert.Equal(2, await VersionAsync(History, PointInLog.At(new LogPosition(events[2].Position.Value - 1))));
        Assert.Equal(2, await VersionAsync(History, PointInLog.At(events[1].Position)));
        Assert.Equal(0, await VersionAsync(History, PointInLog.At(LogPosition.Start)));
        Assert.Equal(3, await VersionAsync(History, PointInLog.At(new LogPosition(long.MaxValue))));
        Assert.Equal(0, await VersionAsync(history, PointInLog.At(day.AddTicks(-1))));
        Assert.Equal(1, await VersionAsync(history, PointInLog.At(day)));
        Assert.Equal(2, await VersionAsync(history, PointInLog.At(day.AddHours(2).AddTicks(-1))));
        Assert.Equal(3, await VersionAsync(history, PointInLog.At(day.AddYears(1))));
    }

    [Fact]
    public async Task A_moment_is_a_prefix_of_the_stream_also_where_the_clock_was_set_back()
    {
        await FillAsync("a", "b", "c");
        var day = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var store = new PastStore(Store) { Times = [day, day.AddHours(2), day.AddHours(1)] };
        var history = new StreamHistory(store, serializer);

        var then = await history.StateAsync("basket-1", contents, PointInLog.At(day.AddHours(1)), Cancellation);

        Assert.Equal(["a"], then.State.Items);
        Assert.Equal(3, await VersionAsync(history, PointInLog.At(day.AddHours(2))));
        Assert.Equal(["a"], (await new LiveViews(store, serializer).FoldAsync(new Shelf(), "basket-1", PointInLog.At(day.AddHours(1)), Cancellation))!.Items);
    }

    [Fact]
    public async Task Before_its_first_event_and_without_a_stream_there_is_the_initial_state()
    {
        await FillAsync("a");

        Assert.Equal(0, await VersionAsync(History, PointInLog.At(StreamVersion.None)));
        foreach (var at in new[] { PointInLog.End, PointInLog.At(StreamVersion.None), PointInLog.At(new LogPosition(9)), PointInLog.At(DateTimeOffset.UtcNow) })
        {
            var nothing = await History.StateAsync("basket-none", contents, at, Cancellation);
            Assert.Equal((0, 0L, LogPosition.Start), (nothing.State.Items.Count, nothing.Version.Value, nothing.Position));
        }
    }

    [Theory]
    [InlineData("basket-1", 3, "at version 3 cannot be made: the stream ends at version 2.")]
    [InlineData("basket-none", 1, "at version 1 cannot be made: there is no such stream.")]
    public async Task A_version_that_the_stream_does_not_reach_is_no_state(string stream, long version, string says)
    {
        await FillAsync("a", "b");

        var failure = await Assert.ThrowsAsync<StateNotAvailableException>(
            () => History.StateAsync<Basket>(stream, PointInLog.At(new StreamVersion(version)), Cancellation));

        Assert.EndsWith(says, failure.Message, StringComparison.Ordinal);
        Assert.Equal((stream, PointInLog.At(new StreamVersion(version))), (failure.Stream.Value, failure.At));
    }

    [Fact]
    public async Task Where_a_summary_stands_for_what_is_gone_states_are_made_of_it_and_none_before_it()
    {
        await FillAsync("gone", "a+b", "c");
        var history = new StreamHistory(Truncated(first: 2, StreamStandIn.Summary), serializer);

        Assert.Equal(["a+b"], (await history.StateAsync("basket-1", contents, PointInLog.At(new StreamVersion(2)), Cancellation)).State.Items);
        Assert.Equal(["a+b", "c"], (await history.StateAsync<Basket>("basket-1", cancellationToken: Cancellation)).Items);
        Assert.Equal(0, await VersionAsync(history, PointInLog.At(StreamVersion.None)));
        foreach (var at in new[] { PointInLog.At(new StreamVersion(1)), PointInLog.At(LogPosition.Start), PointInLog.At(DateTimeOffset.UnixEpoch) })
        {
            var failure = await Assert.ThrowsAsync<StateNotAvailableException>(() => history.StateAsync("basket-1", contents, at, Cancellation));
            Assert.EndsWith("the events before version 2 are gone.", failure.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Where_a_snapshot_stands_for_what_is_gone_states_are_made_of_it_and_none_before_it()
    {
        var snapshots = CreateSnapshots(Store);
        await FillAsync([.. Enumerable.Range(1, KeptBasket.Every + 2).Select(n => $"{n}")]);
        var store = Truncated(first: 9, StreamStandIn.Snapshot);
        await Assert.ThrowsAsync<StateNotAvailableException>(() => new StreamHistory(store, serializer, snapshots).StateAsync<KeptBasket>("basket-1", cancellationToken: Cancellation));
        await TakeSnapshotAsync(snapshots, version: 10);
        var history = new StreamHistory(store, serializer, snapshots);

        Assert.Equal(12, (await history.StateAsync<KeptBasket>("basket-1", cancellationToken: Cancellation)).Items.Count);
        Assert.Equal(10, (await history.StateAsync<KeptBasket>("basket-1", PointInLog.At(new StreamVersion(10)), Cancellation)).Items.Count);
        var early = await Assert.ThrowsAsync<StateNotAvailableException>(() => history.StateAsync<KeptBasket>("basket-1", PointInLog.At(new StreamVersion(9)), Cancellation));
        Assert.Contains("the snapshot in their place is of version 10", early.Message, StringComparison.Ordinal);
        var other = await Assert.ThrowsAsync<StateNotAvailableException>(() => history.StateAsync("basket-1", contents, PointInLog.At(new StreamVersion(11)), Cancellation));
        Assert.Contains("no snapshot of this state", other.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<StateNotAvailableException>(() => new StreamHistory(store, serializer).StateAsync<KeptBasket>("basket-1", cancellationToken: Cancellation));
    }

    [Fact]
    public async Task A_deleted_stream_has_no_state_and_a_damaged_one_a_hole()
    {
        await FillAsync("a", "b", "c");
        var deleted = new PastStore(Store) { First = 3, Info = stream => new StreamInfo(stream, new(3), new(3), StreamState.Deleted) };
        var damaged = new PastStore(Store) { First = 2 };

        Assert.EndsWith(
            "the stream is deleted.",
            (await Assert.ThrowsAsync<StateNotAvailableException>(() => new StreamHistory(deleted, serializer).StateAsync<Basket>("basket-1", cancellationToken: Cancellation))).Message,
            StringComparison.Ordinal);
        await Assert.ThrowsAsync<DamagedDataException>(() => new StreamHistory(damaged, serializer).StateAsync<Basket>("basket-1", cancellationToken: Cancellation));
        await Assert.ThrowsAsync<DamagedDataException>(
            () => new StreamHistory(new WatchedStore(Store) { Hole = new(2) }, serializer).StateAsync<Basket>("basket-1", cancellationToken: Cancellation));
    }

    [Fact]
    public async Task Old_shapes_are_lifted_on_the_way_back_too()
    {
        var types = new EventTypeRegistry().Add<BasketFilled>().Add<BasketClosed>();
        types.Upcasters.AddJsonMany(
            "basket-old",
            (payload, _) => [new EventJson("basket-filled", new() { ["items"] = new System.Text.Json.Nodes.JsonArray((string?)payload["item"]) }), new EventJson("basket-closed", [])],
            "basket-filled",
            "basket-closed");
        await AppendAsync("basket-1", ExpectedVersion.NoStream, NewEvent("basket-old", """{"item":"a"}"""), NewEvent("basket-old", """{"item":"b"}"""));

        var first = await new StreamHistory(Store, new EventSerializer(types)).StateAsync("basket-1", contents, PointInLog.At(new StreamVersion(1)), Cancellation);

        Assert.Equal((1, true, 1L), (first.State.Items.Count, first.State.IsClosed, first.Version.Value));
        await Assert.ThrowsAsync<UnknownEventTypeException>(() => History.StateAsync<Basket>("basket-1", cancellationToken: Cancellation));
    }

    [Fact]
    public async Task Two_versions_are_compared_with_what_happened_in_between()
    {
        await FillAsync("a", "b");
        var closed = serializer.Serialize(new BasketClosed(), new EventMetadata { Actor = "clerk-7", CommandId = "close-1" });
        await AppendAsync("basket-1", ExpectedVersion.Any, serializer.Serialize(new BasketFilled(["c"])), closed);

        var difference = await History.CompareAsync("basket-1", contents, PointInLog.At(new StreamVersion(2)), PointInLog.End, cancellationToken: Cancellation);

        Assert.Equal([new StateChange("$.items[2]", null, "\"c\""), new StateChange("$.isClosed", "false", "true")], difference.Changes);
        Assert.Equal((2L, 4L), (difference.Before.Version.Value, difference.After.Version.Value));
        Assert.Equal([3L, 4L], difference.Events.Select(entry => entry.Recorded.Version.Value));
        Assert.Equal(("clerk-7", "close-1"), (difference.Events[1].Metadata.Actor, difference.Events[1].Metadata.CommandId));
        var lines = difference.ToString().Split('\n');
        Assert.Equal(["basket-1, version 2 → 4", "  $.items[2]: (nothing) → \"c\"", "  $.isClosed: false → true"], lines[..3]);
        Assert.StartsWith("  by basket-1@4 basket-closed, ", lines[4], StringComparison.Ordinal);
        Assert.EndsWith("Z, by clerk-7", lines[4], StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_aggregate_is_compared_by_what_a_view_shows_of_it()
    {
        await FillAsync("a", "b");

        var difference = await History.CompareAsync<Basket>(
            "basket-1", PointInLog.At(new StreamVersion(1)), PointInLog.At(new StreamVersion(2)), basket => new { Count = basket.Items.Count, basket.IsClosed }, Cancellation);
        var same = await History.CompareAsync<Basket>("basket-1", PointInLog.End, PointInLog.End, basket => basket.Items, Cancellation);

        Assert.Equal([new StateChange("$.count", "1", "2")], difference.Changes);
        Assert.Equal((0, 0), (same.Changes.Count, same.Events.Count));
        Assert.EndsWith("(no difference)", same.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_compared_is_refused()
    {
        await FillAsync("a", "b");
        var hidden = new Fold<Hidden>(() => new Hidden(), (state, _) => state.Next());

        var order = await Assert.ThrowsAsync<ArgumentException>(
            () => History.CompareAsync("basket-1", contents, PointInLog.End, PointInLog.At(new StreamVersion(1)), cancellationToken: Cancellation));
        var shy = await Assert.ThrowsAsync<InvalidOperationException>(
            () => History.CompareAsync("basket-1", hidden, PointInLog.At(StreamVersion.None), PointInLog.End, cancellationToken: Cancellation));

        Assert.Contains("name the earlier point first", order.Message, StringComparison.Ordinal);
        Assert.Contains("'view'", shy.Message, StringComparison.Ordinal);
        Assert.Single((await History.CompareAsync("basket-1", hidden, PointInLog.At(StreamVersion.None), PointInLog.End, state => state.Count(), Cancellation)).Changes);
        await Assert.ThrowsAsync<StateNotAvailableException>(
            () => History.CompareAsync("basket-1", contents, PointInLog.At(new StreamVersion(1)), PointInLog.At(new StreamVersion(9)), cancellationToken: Cancellation));
        await Assert.ThrowsAsync<ArgumentNullException>(() => History.StateAsync<Contents>("basket-1", null!, cancellationToken: Cancellation));
        await Assert.ThrowsAsync<ArgumentNullException>(() => History.CompareAsync<Basket>("basket-1", default, default, null!, Cancellation));
        await Assert.ThrowsAsync<InvalidOperationException>(() => History.StateAsync<Basket>(default, cancellationToken: Cancellation));
    }

    private PastStore Truncated(long first, StreamStandIn standIn) => new(Store)
    {
        First = first,
        Info = stream => new StreamInfo(stream, new(12), new(first), StreamState.Open) { StandIn = standIn },
    };

    private async Task<long> VersionAsync(StreamHistory history, PointInLog at)
    {
        var then = await history.StateAsync("basket-1", contents, at, Cancellation);
        Assert.Equal(then.Version.Value, then.State.Items.Count);
        return then.Version.Value;
    }

    private async Task TakeSnapshotAsync(ISnapshotStore snapshots, long version)
    {
        var position = (await ReadAsync("basket-1"))[(int)version - 1].Position;
        var state = Encoding.UTF8.GetBytes($$"""{"items":[{{string.Join(',', Enumerable.Range(1, (int)version).Select(n => $"\"{n}\""))}}],"isClosed":false}""");
        await snapshots.SaveAsync(new StoredSnapshot("basket-1", "basket", 1, new(version), position, state), Cancellation);
    }

    private async Task FillAsync(params string[] items) =>
        await AppendAsync("basket-1", ExpectedVersion.Any, [.. items.Select(item => serializer.Serialize(new BasketFilled([item])))]);

    private sealed record Contents(IReadOnlyList<string> Items, bool IsClosed);

    private sealed class Hidden
    {
        private int count;

        public int Count() => count;

        public Hidden Next() => new() { count = count + 1 };
    }

    private sealed class Shelf : ViewProjection<Contents>
    {
        public Shelf()
            : base("shelf") => On<BasketFilled>((view, filled, _) => new Contents([.. view?.Items ?? [], .. filled.Items], IsClosed: false));
    }
}
