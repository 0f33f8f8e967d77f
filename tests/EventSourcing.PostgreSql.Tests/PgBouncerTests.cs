using System.Diagnostics;
using EventSourcing.TestInfrastructure;
using Npgsql;

namespace EventSourcing.PostgreSql;

/// <summary>Between the store and the server stands a proxy that runs each transaction on another of its few connections. (Everything at once,
/// and while it breaks: <c>./torture.sh pgbouncer</c>.)</summary>
public sealed class PgBouncerTests : IAsyncLifetime
{
    private const int ServerConnections = 3;
    private static readonly TimeSpan Never = TimeSpan.FromMinutes(10);

    private PostgreSqlCluster cluster = null!;
    private PgBouncer bouncer = null!;
    private NpgsqlDataSource throughBouncer = null!;
    private NpgsqlDataSource direct = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        cluster = await PostgreSqlServer.StartDedicatedAsync(Cancellation);
        bouncer = await PgBouncer.StartAsync(cluster.ConnectionString, ServerConnections, Cancellation);
        throughBouncer = NpgsqlDataSource.Create(bouncer.ConnectionString);
        direct = NpgsqlDataSource.Create(cluster.ConnectionString);
        using var store = new PostgreSqlEventStore(throughBouncer, new PostgreSqlOptions { PrepareStatements = false });
        await store.Schema.InstallAsync(Cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        await throughBouncer.DisposeAsync();
        await direct.DisposeAsync();
        await bouncer.DisposeAsync();
        await cluster.DisposeAsync();
    }

    [Fact]
    public async Task A_store_that_may_prepare_statements_runs_its_own_and_nobody_elses()
    {
        // On the connections that clients share, one's name for a statement is another's for another: reading forwards may be
        // reading backwards then, and an append at a version one at any.
        var log = new LogRecorder();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(number => Task.Run(() => UseAsync(number, log), Cancellation)));

        log.Names.Should().AllBe("ProxyFound").And.HaveCount(8, "each store tells it once");
        (await CountAsync("select count(*) from eventsourcing.events")).Should().Be(8 * 40);
    }

    [Fact]
    public async Task Without_a_way_around_it_nothing_is_listened_for_and_events_are_found_all_the_same()
    {
        var log = new LogRecorder();
        await using var reader = new PostgreSqlEventStore(throughBouncer, new PostgreSqlOptions { PrepareStatements = false }, logger: log);
        await using var writer = new PostgreSqlEventStore(direct);
        var waiting = reader.WaitForAppendAsync(LogPosition.Start, Cancellation);
        await log.WaitForAsync("ProxyFound", Cancellation);
        await AppendAsync(writer, "far", 0);

        await waiting.WaitAsync(TimeSpan.FromSeconds(20), Cancellation);

        (await CountAsync("select count(*) from pg_stat_activity where query like 'listen %'")).Should().Be(0, "it would stay with a connection that others use");
    }

    [Fact]
    public async Task With_a_way_around_it_what_is_announced_through_it_is_heard()
    {
        await using var reader = new PostgreSqlEventStore(
            throughBouncer, new PostgreSqlOptions { PrepareStatements = false, ListenConnectionString = cluster.ConnectionString, PollingInterval = Never });
        await using var writer = new PostgreSqlEventStore(throughBouncer, new PostgreSqlOptions { PrepareStatements = false });
        var waiting = reader.WaitForAppendAsync(LogPosition.Start, Cancellation);
        for (var since = Stopwatch.GetTimestamp(); await CountAsync("select count(*) from pg_stat_activity where query like 'listen %'") == 0;)
        {
            Stopwatch.GetElapsedTime(since).Should().BeLessThan(TimeSpan.FromSeconds(20));
            await Task.Delay(10, Cancellation);
        }

        await AppendAsync(writer, "near", 0);

        await waiting.WaitAsync(TimeSpan.FromSeconds(20), Cancellation);
    }

    private static Task<AppendResult> AppendAsync(PostgreSqlEventStore store, string stream, int version) => store.AppendAsync(
        new AppendRequest(new StreamAppend(stream, ExpectedVersion.At(version), [new EventData(Guid.NewGuid(), "happened", "{}"u8.ToArray())])), Cancellation);

    private async Task UseAsync(int number, LogRecorder log)
    {
        await using var store = new PostgreSqlEventStore(throughBouncer, logger: log);
        var stream = new StreamName($"stream-{number}");
        for (var version = 0; version < 40; version++)
        {
            await AppendAsync(store, stream.Value, version);
            var stale = () => AppendAsync(store, stream.Value, version);
            (await stale.Should().ThrowAsync<ConcurrencyConflictException>()).Which.Conflicts[0].Actual.Value.Should().Be(version + 1);
            foreach (var direction in Random.Shared.GetItems([ReadDirection.Forwards, ReadDirection.Backwards], 4))
            {
                var options = direction == ReadDirection.Forwards ? new StreamReadOptions() : new StreamReadOptions { Direction = direction };
                var versions = await store.ReadStreamAsync(stream, options, Cancellation).Select(one => (int)one.Version.Value).ToListAsync(Cancellation);
                versions.Should().Equal(direction == ReadDirection.Forwards ? Enumerable.Range(1, version + 1) : Enumerable.Range(1, version + 1).Reverse());
            }
        }
    }

    private async Task<long> CountAsync(string sql)
    {
        await using var command = direct.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync(Cancellation))!;
    }
}
