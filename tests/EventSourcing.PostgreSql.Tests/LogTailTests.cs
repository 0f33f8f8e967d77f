using System.Collections.Concurrent;
using Npgsql;

namespace EventSourcing.PostgreSql;

/// <summary>One tail for all who follow a store: read once, handed to each, and nobody held up by another.</summary>
public sealed class LogTailTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource stop = new();
    private readonly List<Task> running = [];
    private TestDatabase database = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => database = await TestDatabase.CreateAsync();

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await Task.WhenAll(running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await database.DisposeAsync();
        stop.Dispose();
    }

    [Fact]
    public async Task What_an_append_costs_the_database_does_not_depend_on_how_many_follow()
    {
        var few = await StatementsAsync(subscriptions: 2);
        var many = await StatementsAsync(subscriptions: 50);

        // If each asked for itself it would be 25 times as much; on a busy machine many come late, and the log is looked at again.
        few.Should().BePositive();
        many.Should().BeLessThan(few * 12);
    }

    [Fact]
    public async Task A_slow_subscriber_delays_no_other_and_sees_everything_later()
    {
        var hold = new TaskCompletionSource();
        var slow = Follow(database.Store, onFirst: hold.Task);
        var fast = Follow(database.Store);
        await AppendAsync(1);
        await EventuallyAsync(() => slow.Count == 1 && fast.Count == 1);

        await AppendAsync(2_000);

        await EventuallyAsync(() => fast.Count == 2_001);
        slow.Should().HaveCount(1);
        hold.SetResult();
        await EventuallyAsync(() => slow.Count == 2_001);
        slow.Should().Equal(fast);
    }

    [Fact]
    public async Task Who_is_further_behind_than_memory_goes_catches_up_from_the_database_and_then_follows()
    {
        var store = database.NewStore(_ => { }, recent: new RecentEvents(maxEvents: 200));
        var live = Follow(store);
        var until = DateTime.UtcNow + TimeSpan.FromSeconds(3);
        var writing = Task.WhenAll(Enumerable.Range(0, 12).Select(writer => WriteAsync(store, writer, until)));
        var hold = new TaskCompletionSource();
        var behind = Follow(store, pageSize: 7, onFirst: hold.Task);
        await EventuallyAsync(() => live.Count > 1_000 || writing.IsCompleted);
        hold.SetResult();
        await writing;
        await store.AppendAsync("end-1", ExpectedVersion.Any, [Events.New()], Cancellation);

        var stored = await StoredAsync();
        await EventuallyAsync(() => live.Count >= stored.Count && behind.Count >= stored.Count);
        live.Should().Equal(stored);
        behind.Should().Equal(stored);
    }

    [Theory]
    [InlineData(new string[0], new string[0], "")]
    [InlineData(new[] { "order" }, new string[0], "")]
    [InlineData(new[] { "order", "customer" }, new[] { "paid" }, "")]
    [InlineData(new string[0], new[] { "paid", "moved" }, "")]
    [InlineData(new string[0], new string[0], "shop:1")]
    [InlineData(new[] { "order" }, new[] { "placed" }, "shop:0")]
    [InlineData(new string[0], new string[0], "SHOP:1")]
    [InlineData(new[] { "ORDER" }, new string[0], "")]
    [InlineData(new string[0], new[] { "unheard" }, "")]
    public async Task A_page_from_memory_is_the_page_from_the_database(string[] categories, string[] types, string tag)
    {
        var recent = new RecentEvents();
        var store = database.NewStore(_ => { }, recent: recent);
        var follower = Follow(store);
        await EventuallyAsync(() => recent.End == 0);
        for (var i = 0; i < 40; i++)
        {
            var stream = StreamName.For(new[] { "order", "customer", "other" }[i % 3], i);
            await store.AppendAsync(stream, ExpectedVersion.NoStream, [new EventData(Guid.NewGuid(), "placed", "{}"u8.ToArray(), tags: [Tag.For("shop", i % 2)]), Events.New(i % 2 == 0 ? "paid" : "moved")], Cancellation);
        }

        await EventuallyAsync(() => follower.Count == 80);
        recent.Count.Should().Be(80);
        var other = database.NewStore();

        // As a set that does not tell capitals apart: the store does.
        var filter = new EventFilter { Categories = categories.ToHashSet(StringComparer.OrdinalIgnoreCase), EventTypes = types, Tags = tag.Length == 0 ? [] : [tag] };
        foreach (var pageSize in new[] { 1, 7, 1000 })
        {
            foreach (var upTo in new long?[] { null, 60, 1_000 })
            {
                for (var after = 0L; after <= 80; after += 4)
                {
                    var options = new LogReadOptions { After = new LogPosition(after), UpTo = upTo is { } bound ? new LogPosition(bound) : null, Filter = filter, PageSize = pageSize };
                    var one = await AllAsync(store, options);
                    one.Should().Equal(await AllAsync(other, options), $"after {after} up to {upTo} by {pageSize}");
                }
            }
        }
    }

    [Fact]
    public async Task Who_has_appended_reads_it_at_once_while_others_follow()
    {
        Follow(database.Store);
        var other = database.NewStore();
        for (var i = 0; i < 200; i++)
        {
            var appended = await (i % 2 == 0 ? database.Store : other).AppendAsync($"order-{i}", ExpectedVersion.NoStream, [Events.New()], Cancellation);

            var page = await database.Store.ReadLogAsync(new LogReadOptions { After = new LogPosition(appended.Position.Value - 1) }, Cancellation);
            page.Events.Should().ContainSingle().Which.Position.Should().Be(appended.Position);
            page.IsEnd.Should().BeTrue();
        }
    }

    [Fact]
    public async Task Disposing_the_store_ends_those_who_wait_and_gives_up_no_one_else()
    {
        var store = database.NewStore(options => options.PollingInterval = TimeSpan.FromMinutes(1));
        using var giveUp = new CancellationTokenSource();
        var waiting = Enumerable.Range(0, 5).Select(_ => store.WaitForAppendAsync(LogPosition.Start, Cancellation)).ToArray();
        var givenUp = store.WaitForAppendAsync(LogPosition.Start, giveUp.Token);
        await EventuallyAsync(async () => await database.ScalarAsync<long>(ListenersSql()) == 1);
        await giveUp.CancelAsync();
        await FluentActions.Awaiting(() => givenUp).Should().ThrowAsync<OperationCanceledException>();
        waiting.Should().OnlyContain(wait => !wait.IsCompleted);

        await store.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(5), Cancellation);

        foreach (var wait in waiting)
        {
            await FluentActions.Awaiting(() => wait.WaitAsync(Patience, Cancellation)).Should().ThrowAsync<ObjectDisposedException>();
        }

        await EventuallyAsync(async () => await database.ScalarAsync<long>(ListenersSql()) == 0);
        await FluentActions.Awaiting(() => store.GetHeadAsync(Cancellation)).Should().ThrowAsync<ObjectDisposedException>();
    }

    private string ListenersSql() =>
        $"select count(*) from pg_stat_activity where query = 'listen {new SchemaName(database.SchemaName).Channel}'";

    /// <summary>How often the database is asked while events come one by one and so many follow.</summary>
    private async Task<long> StatementsAsync(int subscriptions)
    {
        const int Appends = 40;
        await using var own = await TestDatabase.CreateAsync();
        await using var source = new NpgsqlDataSourceBuilder(own.ConnectionString) { Name = own.SchemaName }.Build();
        using var statements = new StatementCount(own.SchemaName);
        var store = own.NewStore(options => (options.PollingInterval, options.Notifications) = (TimeSpan.FromMinutes(1), false), dataSource: source);
        var followers = Enumerable.Range(0, subscriptions).Select(_ => Follow(store)).ToArray();
        for (var warmUp = 1; warmUp <= 3; warmUp++)
        {
            await store.AppendAsync($"warm-{warmUp}", ExpectedVersion.NoStream, [Events.New()], Cancellation);
            await EventuallyAsync(() => followers.All(follower => follower.Count == warmUp));
        }

        var before = statements.Count;
        for (var i = 0; i < Appends; i++)
        {
            await store.AppendAsync($"order-{i}", ExpectedVersion.NoStream, [Events.New()], Cancellation);
            await EventuallyAsync(() => followers.All(follower => follower.Count == i + 4));
        }

        var count = statements.Count - before;
        await store.DisposeAsync();
        return count;
    }

    private ConcurrentQueue<long> Follow(PostgreSqlEventStore store, int pageSize = 500, Task? onFirst = null)
    {
        var seen = new ConcurrentQueue<long>();
        running.Add(Task.Run(
            async () =>
            {
                await foreach (var message in store.SubscribeAsync(new SubscriptionOptions { PageSize = pageSize }, stop.Token))
                {
                    if (message is EventReceived received)
                    {
                        seen.Enqueue(received.Event.Position.Value);
                        await (seen.Count == 1 && onFirst is not null ? onFirst : Task.CompletedTask);
                    }
                }
            },
            Cancellation));
        return seen;
    }

    private Task<AppendResult[]> AppendAsync(int count) => Task.WhenAll(Enumerable.Range(0, count).Select(_ =>
        database.Store.AppendAsync($"order-{Guid.NewGuid():N}", ExpectedVersion.NoStream, [Events.New()], Cancellation)));

    private async Task WriteAsync(PostgreSqlEventStore store, int writer, DateTime until)
    {
        var random = new Random(writer);
        var stream = new StreamName($"writer-{writer}");
        while (DateTime.UtcNow < until)
        {
            await using var connection = await database.DataSource.OpenConnectionAsync(Cancellation);
            await using var transaction = await connection.BeginTransactionAsync(Cancellation);
            await store.AppendAsync(Events.To(stream, ExpectedVersion.Any, [.. Enumerable.Range(0, random.Next(1, 6)).Select(_ => Events.New())]), transaction, Cancellation);
            await Task.Delay(random.Next(0, 15), Cancellation);
            await (random.NextDouble() < 0.2 ? transaction.RollbackAsync(Cancellation) : transaction.CommitAsync(Cancellation));
        }
    }

    private async Task<List<long>> StoredAsync()
    {
        await using var command = database.DataSource.CreateCommand($"select position from {database.SchemaName}.events order by position");
        await using var rows = await command.ExecuteReaderAsync(Cancellation);
        var stored = new List<long>();
        while (await rows.ReadAsync(Cancellation))
        {
            stored.Add(rows.GetInt64(0));
        }

        return stored;
    }

    private static async Task<List<Guid>> AllAsync(PostgreSqlEventStore store, LogReadOptions options) =>
        await store.ReadAllAsync(options, Cancellation).Select(recorded => recorded.Id).ToListAsync(Cancellation);

    private static Task EventuallyAsync(Func<bool> condition) => EventuallyAsync(() => Task.FromResult(condition()));

    private static async Task EventuallyAsync(Func<Task<bool>> condition)
    {
        var until = DateTime.UtcNow + Patience;
        while (!await condition())
        {
            (DateTime.UtcNow < until).Should().BeTrue("it should have happened by now");
            await Task.Delay(5, Cancellation);
        }
    }
}
