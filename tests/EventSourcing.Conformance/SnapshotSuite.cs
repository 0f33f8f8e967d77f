using System.Text;
using Xunit;

namespace EventSourcing.Conformance;

/// <summary>Snapshots: fewer events to fold, and never another state.</summary>
public abstract class SnapshotSuite : StoreSuite
{
    private static readonly EventSerializer serializer = new(new EventTypeRegistry().Add<BasketFilled>().Add<BasketClosed>());

    /// <summary>A snapshot store beside the event store, empty.</summary>
    protected abstract ISnapshotStore CreateSnapshots(IEventStore store);

    [Fact]
    public async Task A_long_stream_is_loaded_from_its_last_snapshot()
    {
        var snapshots = CreateSnapshots(Store);
        var store = new WatchedStore(Store);
        await FillAsync(25);
        var first = await new Repository(store, serializer, snapshots: snapshots).LoadAsync<KeptBasket>("basket-1", Cancellation);
        Assert.Equal((1, 25), store.TakeCounts());

        await FillAsync(3);
        var second = await new Repository(store, serializer, snapshots: snapshots).LoadAsync<KeptBasket>("basket-1", Cancellation);

        Assert.Equal((1, 4), store.TakeCounts());
        Assert.Equal(Enumerable.Range(0, 25).Select(n => $"{n}"), first.Items);
        Assert.Equal(Enumerable.Range(0, 25).Concat(Enumerable.Range(0, 3)).Select(n => $"{n}"), second.Items);
        Assert.Equal(("basket-1", 28L), (second.Stream.Value, second.Version.Value));
        Assert.Equal(25L, (await snapshots.LoadAsync("basket-1", "basket", Cancellation))!.Version.Value);
    }

    [Fact]
    public async Task A_snapshot_of_another_schema_version_is_ignored_and_replaced()
    {
        var snapshots = CreateSnapshots(Store);
        var store = new WatchedStore(Store);
        await FillAsync(12);
        Fold<int> Version(int version, int factor) => new(() => 0, (total, _) => total + factor)
        {
            Snapshots = SnapshotPolicy.Of<int>("items", version, 10),
        };
        var repository = new Repository(store, serializer, snapshots: snapshots);

        Assert.Equal(12, (await repository.LoadAsync("basket-1", Version(1, 1), Cancellation)).State);
        Assert.Equal(24, (await repository.LoadAsync("basket-1", Version(2, 2), Cancellation)).State);
        Assert.Equal((2, 24), store.TakeCounts());
        Assert.Equal(24, (await repository.LoadAsync("basket-1", Version(2, 2), Cancellation)).State);
        Assert.Equal((1, 1), store.TakeCounts());

        // Processes of the old version may still be about: they do without, and leave the new one's alone.
        Assert.Equal(12, (await repository.LoadAsync("basket-1", Version(1, 1), Cancellation)).State);
        Assert.Equal(2, (await snapshots.LoadAsync("basket-1", "items", Cancellation))!.SchemaVersion);
    }

    [Theory]
    [InlineData("""{"isClosed":"no boolean"}""", 10L, 10L)]
    [InlineData("null", 10L, 10L)]
    [InlineData("""{"items":["wrong"],"isClosed":true}""", 0L, 0L)]
    [InlineData("""{"items":["wrong"],"isClosed":true}""", 10L, 9L)]
    [InlineData("""{"items":["wrong"],"isClosed":true}""", 99L, 99L)]
    public async Task A_snapshot_that_does_not_fit_is_ignored(string json, long version, long position)
    {
        var snapshots = CreateSnapshots(Store);
        await FillAsync(12);
        await snapshots.SaveAsync(
            new StoredSnapshot("basket-1", "basket", 1, new StreamVersion(version), new LogPosition(position), Encoding.UTF8.GetBytes(json)), Cancellation);

        var basket = await new Repository(Store, serializer, snapshots: snapshots).LoadAsync<KeptBasket>("basket-1", Cancellation);

        Assert.Equal((12, false, 12L), (basket.Items.Count, basket.IsClosed, basket.Version.Value));
    }

    [Fact]
    public async Task A_snapshot_store_that_fails_keeps_nobody_from_working()
    {
        await FillAsync(12);
        var repository = new Repository(Store, serializer, snapshots: new BrokenSnapshots(), cache: new StreamCacheOptions { IsOptimistic = true });

        for (var i = 0; i < 15; i++)
        {
            await repository.ExecuteAsync<KeptBasket>("basket-1", basket => basket.Fill("more"), cancellationToken: Cancellation);
        }

        Assert.Equal(27, (await repository.LoadAsync<KeptBasket>("basket-1", Cancellation)).Items.Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task With_a_cache_little_is_folded_and_nothing_is_lost(bool isOptimistic)
    {
        var snapshots = CreateSnapshots(Store);
        var store = new WatchedStore(Store);
        var repository = new Repository(store, serializer, snapshots: snapshots, cache: new StreamCacheOptions { IsOptimistic = isOptimistic });
        const int Commands = 105;
        for (var i = 0; i < Commands; i++)
        {
            await repository.ExecuteAsync<KeptBasket>("basket-1", basket => basket.Fill($"{basket.Items.Count}"), cancellationToken: Cancellation);
        }

        var (_, events) = store.TakeCounts();
        Assert.InRange(events, 0, isOptimistic ? (Commands / KeptBasket.Every) + 1 : Commands);
        Assert.InRange((await snapshots.LoadAsync("basket-1", "basket", Cancellation))!.Version.Value, Commands - KeptBasket.Every, Commands);
        Assert.Equal(Enumerable.Range(0, Commands).Select(n => $"{n}"), (await repository.LoadAsync<KeptBasket>("basket-1", Cancellation)).Items);
    }

    [Fact]
    public async Task A_decider_keeps_snapshots_too()
    {
        var snapshots = CreateSnapshots(Store);
        var store = new WatchedStore(Store);
        var decider = new Decider<string, int, object>(0, (item, _) => [new BasketFilled([item])], (count, _) => count + 1)
        {
            Snapshots = SnapshotPolicy.Of<int>("count", schemaVersion: 1, every: 5),
        };
        for (var i = 0; i < 11; i++)
        {
            await new Repository(store, serializer, snapshots: snapshots).ExecuteAsync("basket-1", decider, "x", cancellationToken: Cancellation);
        }

        store.TakeCounts();
        Assert.Equal(11, (await new Repository(store, serializer, snapshots: snapshots).LoadAsync("basket-1", decider.Fold, Cancellation)).State);
        Assert.InRange(store.TakeCounts().Events, 1, 6);
    }

    [Fact]
    public async Task The_newest_snapshot_is_kept_as_it_was_given()
    {
        var snapshots = CreateSnapshots(Store);
        StoredSnapshot At(long version, int schema, string json) =>
            new("ü-1", "näme", schema, new StreamVersion(version), new LogPosition(version + 7), Encoding.UTF8.GetBytes(json));
        Assert.Null(await snapshots.LoadAsync("ü-1", "näme", Cancellation));

        await snapshots.SaveAsync(At(5, 2, """{ "b":1,  "a":"ü" }"""), Cancellation);
        await snapshots.SaveAsync(At(4, 2, "4"), Cancellation);
        await snapshots.SaveAsync(At(9, 1, "9"), Cancellation);
        var kept = (await snapshots.LoadAsync("ü-1", "näme", Cancellation))!;
        Assert.Equal((5L, 12L, 2, """{ "b":1,  "a":"ü" }"""), (kept.Version.Value, kept.Position.Value, kept.SchemaVersion, Encoding.UTF8.GetString(kept.State.Span)));

        await snapshots.SaveAsync(At(1, 3, "1"), Cancellation);
        Assert.Equal(3, (await snapshots.LoadAsync("ü-1", "näme", Cancellation))!.SchemaVersion);
        Assert.Null(await snapshots.LoadAsync("ü-1", "other", Cancellation));
        Assert.Null(await snapshots.LoadAsync("ü-2", "näme", Cancellation));
    }

    [Fact]
    public async Task Bad_policies_are_refused()
    {
        Assert.Throws<ArgumentException>(() => SnapshotPolicy.Of<int>("", 1, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => SnapshotPolicy.Of<int>("a", 0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => SnapshotPolicy.Of<int>("a", 1, 0));
        var repository = new Repository(Store, serializer);
        var misfit = await Assert.ThrowsAsync<InvalidOperationException>(() => repository.LoadAsync<MisfitBasket>("basket-1", Cancellation));
        Assert.Contains("basket-of-another", misfit.Message, StringComparison.Ordinal);
    }

    private async Task FillAsync(int events)
    {
        var repository = new Repository(Store, serializer);
        for (var i = 0; i < events; i++)
        {
            await repository.ExecuteAsync<Basket>("basket-1", basket => basket.Fill($"{i}"), cancellationToken: Cancellation);
        }
    }

    private sealed class MisfitBasket : Basket
    {
        protected override SnapshotPolicy? Snapshots { get; } = SnapshotPolicy.Of<Basket, bool>("basket-of-another", 1, 1, _ => true, _ => new Basket());
    }

    private sealed class BrokenSnapshots : ISnapshotStore
    {
        public Task<StoredSnapshot?> LoadAsync(StreamName stream, string name, CancellationToken cancellationToken = default) => throw new IOException("broken");

        public Task SaveAsync(StoredSnapshot snapshot, CancellationToken cancellationToken = default) => throw new IOException("broken");
    }
}
