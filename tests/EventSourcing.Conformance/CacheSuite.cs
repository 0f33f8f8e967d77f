using Xunit;

namespace EventSourcing.Conformance;

/// <summary>The repository's cache: fewer reads, and never another answer.</summary>
public abstract class CacheSuite : StoreSuite
{
    private static readonly EventSerializer serializer = new(new EventTypeRegistry().Add<BasketFilled>().Add<BasketClosed>());

    [Fact]
    public async Task A_warm_load_reads_what_is_new()
    {
        var store = new WatchedStore(Store);
        var repository = new Repository(store, serializer, cache: new StreamCacheOptions());
        var other = new Repository(Store, serializer);
        await FillAsync(other, 20);
        Assert.Equal(20, (await LoadAsync(repository)).Items.Count);
        Assert.Equal((1, 20), store.TakeCounts());

        Assert.Equal(20, (await LoadAsync(repository)).Items.Count);
        Assert.Equal((1, 1), store.TakeCounts());

        await FillAsync(other, 2);
        var basket = await LoadAsync(repository);
        Assert.Equal((22, 22L, "basket-1"), (basket.Items.Count, basket.Version.Value, basket.Stream.Value));
        Assert.Equal((1, 3), store.TakeCounts());
    }

    [Fact]
    public async Task An_optimistic_command_reads_nothing()
    {
        var store = new WatchedStore(Store);
        var repository = new Repository(store, serializer, cache: new StreamCacheOptions { IsOptimistic = true });
        await FillAsync(repository, 1);
        store.TakeCounts();

        await FillAsync(repository, 10);

        Assert.Equal((0, 0), store.TakeCounts());
        Assert.Equal(11, (await LoadAsync(repository)).Items.Count);
        Assert.Equal((1, 1), store.TakeCounts());
        Assert.Equal(11, (await ReadAsync("basket-1")).Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Nobody_changes_the_cache_through_an_aggregate(bool isOptimistic)
    {
        var repository = new Repository(Store, serializer, cache: new StreamCacheOptions { IsOptimistic = isOptimistic });
        await FillAsync(repository, 3);
        var loaded = await LoadAsync(repository);
        loaded.Items.Clear();
        loaded.Fill("mine");
        Basket? kept = null;
        await Assert.ThrowsAsync<IOException>(() => repository.ExecuteAsync<Basket>(
            "basket-1",
            basket =>
            {
                kept = basket;
                basket.Fill("never");
                throw new IOException();
            },
            cancellationToken: Cancellation));
        await repository.ExecuteAsync<Basket>("basket-1", basket => (kept = basket).Fill("last"), cancellationToken: Cancellation);
        kept!.Items.Clear();

        Assert.Equal(["item", "item", "item", "last"], (await LoadAsync(repository)).Items);
        await FillAsync(repository, 1);
        Assert.Equal(["item", "item", "item", "last", "item"], (await LoadAsync(repository)).Items);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_failed_append_leaves_nothing_behind(bool isOptimistic)
    {
        var store = new WatchedStore(Store);
        var repository = new Repository(store, serializer, cache: new StreamCacheOptions { IsOptimistic = isOptimistic });
        await FillAsync(repository, 1);

        store.FailBefore = new IOException();
        await Assert.ThrowsAsync<IOException>(() => FillAsync(repository, 1));
        store.FailBefore = null;
        Assert.Single((await LoadAsync(repository)).Items);

        store.FailAfter = new AppendOutcomeUnknownException("lost", new IOException());
        await Assert.ThrowsAsync<AppendOutcomeUnknownException>(() => FillAsync(repository, 1));
        store.FailAfter = null;
        await FillAsync(repository, 1);
        Assert.Equal((3, 3L), ((await LoadAsync(repository)).Items.Count, (await LoadAsync(repository)).Version.Value));
    }

    [Fact]
    public async Task An_optimistic_decision_that_appends_nothing_is_checked()
    {
        var repository = new Repository(Store, serializer, cache: new StreamCacheOptions { IsOptimistic = true });
        var other = new Repository(Store, serializer);
        await FillAsync(repository, 1);
        await other.ExecuteAsync<Basket>("basket-1", basket => basket.Close(), cancellationToken: Cancellation);

        // Refused by the latest state only, which a decision on the cached one would append to: a conflict shows it.
        await Assert.ThrowsAsync<InvalidOperationException>(() => FillAsync(repository, 1));

        // Refused by the cached state only.
        var result = await repository.ExecuteAsync<Basket>(
            "basket-2", basket => (basket.IsClosed ? basket : throw new InvalidOperationException("not yet")).Close(), cancellationToken: Cancellation)
            .ContinueWith(refused => refused.Exception?.InnerException, TaskScheduler.Default);
        Assert.IsType<InvalidOperationException>(result);
        await repository.ExecuteAsync<Basket>("basket-2", basket => basket.Fill("one"), cancellationToken: Cancellation);
        await other.ExecuteAsync<Basket>("basket-2", basket => basket.Close(), cancellationToken: Cancellation);
        var nothing = await repository.ExecuteAsync<Basket>(
            "basket-2", basket => (basket.IsClosed ? basket : throw new InvalidOperationException("not yet")).Close(), cancellationToken: Cancellation);

        Assert.Empty(nothing.Events);
        Assert.Equal(2L, nothing.Streams[0].Version.Value);
    }

    [Fact]
    public async Task A_stream_that_has_become_another_is_folded_anew()
    {
        var store = new WatchedStore(Store);
        var repository = new Repository(store, serializer, cache: new StreamCacheOptions());
        await FillAsync(repository, 3);

        // A restored backup may hold other events at the same versions and positions.
        var (restored, _) = await CreateAsync();
        await new Repository(restored, serializer).ExecuteAsync<Basket>("basket-1", basket => basket.Fill("other", "other"), cancellationToken: Cancellation);
        await FillAsync(new Repository(restored, serializer), 1);
        await new Repository(restored, serializer).ExecuteAsync<Basket>("basket-1", basket => basket.Close(), cancellationToken: Cancellation);
        store.Inner = restored;

        var basket = await LoadAsync(repository);
        Assert.Equal((true, 3L), (basket.IsClosed, basket.Version.Value));
        Assert.Equal(["other", "other", "item"], basket.Items);
    }

    [Theory]
    [InlineData(2, 1_000_000)]
    [InlineData(1_000, 350)]
    public async Task It_is_bounded_and_keeps_what_is_used(int maxStreams, long maxBytes)
    {
        var store = new WatchedStore(Store);
        var repository = new Repository(store, serializer, cache: new StreamCacheOptions { MaxStreams = maxStreams, MaxBytes = maxBytes });
        foreach (var stream in new[] { "a", "b", "a", "c", "c" })
        {
            await repository.ExecuteAsync<Basket>($"basket-{stream}", basket => basket.Fill("one"), cancellationToken: Cancellation);
        }

        store.TakeCounts();
        await repository.LoadAsync<Basket>("basket-a", Cancellation);
        Assert.Equal((1, 1), store.TakeCounts());
        await repository.ExecuteAsync<Basket>("basket-b", basket => basket.Fill("two"), cancellationToken: Cancellation);
        store.TakeCounts();
        await repository.LoadAsync<Basket>("basket-b", Cancellation);
        await repository.LoadAsync<Basket>("basket-c", Cancellation);

        // The last event of b, which was used just now, and both of c, which had to go for it.
        Assert.Equal((2, 3), store.TakeCounts());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Rivals_with_caches_lose_nothing(bool isOptimistic)
    {
        var options = new StreamCacheOptions { IsOptimistic = isOptimistic, MaxStreams = 2 };
        var retry = new ConflictRetryOptions { MaxAttempts = 1_000 };
        var repositories = Enumerable.Range(0, 3).Select(_ => new Repository(Store, serializer, retry, cache: options)).ToArray();

        await Task.WhenAll(Enumerable.Range(0, 12).Select(writer => Task.Run(async () =>
        {
            for (var i = 0; i < 20; i++)
            {
                await repositories[writer % 3].ExecuteAsync<Basket>(
                    $"basket-{(writer + i) % 3}", basket => basket.Fill($"{basket.Items.Count}"), cancellationToken: Cancellation);
            }
        }))).WaitAsync(Patience, Cancellation);

        // Each decision was made on the state right before it.
        for (var i = 0; i < 3; i++)
        {
            var basket = await repositories[0].LoadAsync<Basket>($"basket-{i}", Cancellation);
            Assert.Equal(Enumerable.Range(0, 80).Select(n => $"{n}"), basket.Items);
        }
    }

    [Fact]
    public void Bad_limits_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new StreamCacheOptions { MaxStreams = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new StreamCacheOptions { MaxBytes = 0 });
    }

    private static Task<Basket> LoadAsync(Repository repository) => repository.LoadAsync<Basket>("basket-1", Cancellation);

    private static async Task FillAsync(Repository repository, int events)
    {
        for (var i = 0; i < events; i++)
        {
            await repository.ExecuteAsync<Basket>("basket-1", basket => basket.Fill("item"), cancellationToken: Cancellation);
        }
    }
}
