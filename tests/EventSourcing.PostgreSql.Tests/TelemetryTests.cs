using System.Diagnostics;
using EventSourcing.TestInfrastructure;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace EventSourcing.PostgreSql;

/// <summary>What an operator sees of the store: how appends share statements, their traces, and what the store got over by itself.</summary>
public sealed class TelemetryTests(TestDatabase database) : IClassFixture<TestDatabase>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string category = $"watched{Guid.NewGuid():N}";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Schema => $"schema={database.SchemaName}";

    [Fact]
    public async Task Every_append_is_measured_and_so_is_how_many_shared_a_statement()
    {
        using var watch = new TelemetryWatch();

        await Task.WhenAll(Enumerable.Range(0, 300).Select(i => Task.Run(() =>
            database.Store.AppendAsync($"{category}-{i}", ExpectedVersion.NoStream, [Events.New(), Events.New()], Cancellation)))).WaitAsync(Patience, Cancellation);

        var sizes = watch.Of("eventsourcing.append.batch.size", Schema);
        sizes.Sum().Should().Be(300);
        sizes.Should().Contain(size => size > 1);
        watch.Of("eventsourcing.append.duration", $"category={category}", "outcome=ok").Should().HaveCount(300);
        watch.Of("eventsourcing.append.events", $"category={category}").Sum().Should().Be(600);
        watch.Of("eventsourcing.append.batch.fallbacks", Schema).Should().BeEmpty();
    }

    [Fact]
    public async Task What_a_batch_did_not_store_is_counted_as_run_again()
    {
        await using var own = await TestDatabase.CreateAsync();
        using var watch = new TelemetryWatch(isTracing: false);

        // Every other one expects events that are not there.
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => Task.Run(async () =>
        {
            try
            {
                await own.Store.AppendAsync($"{category}-{i}", ExpectedVersion.At(i % 2 * 7), [Events.New()], Cancellation);
                return true;
            }
            catch (ConcurrencyConflictException)
            {
                return false;
            }
        }))).WaitAsync(Patience, Cancellation);

        outcomes.Count(isStored => isStored).Should().Be(100);
        watch.Of("eventsourcing.append.conflicts", $"category={category}").Should().HaveCount(100);
        watch.Of("eventsourcing.append.batch.fallbacks", $"schema={own.SchemaName}").Sum().Should().BeInRange(1, 100);
    }

    [Fact]
    public async Task An_append_in_a_callers_transaction_is_traced_too()
    {
        using var watch = new TelemetryWatch();
        await using var connection = await database.DataSource.OpenConnectionAsync(Cancellation);
        await using var transaction = await connection.BeginTransactionAsync(Cancellation);

        await database.Store.AppendAsync(Events.To($"{category}-1", ExpectedVersion.Any, Events.New()), transaction, Cancellation);

        await transaction.CommitAsync(Cancellation);
        watch.Activities("append", "eventsourcing.stream", $"{category}-1").Should().ContainSingle().Which.Kind.Should().Be(ActivityKind.Client);
    }

    [Fact]
    public async Task The_installation_of_the_schema_is_logged_once_by_the_logger_of_the_application()
    {
        var log = new LogRecorder();
        var services = new ServiceCollection();
        services.AddSingleton<ILogger<PostgreSqlEventStore>>(log);
        services.AddEventSourcing().UsePostgreSql(database.ConnectionString, options => options.Schema = PostgreSqlServer.NewSchemaName());
        await using var provider = services.BuildServiceProvider();
        var store = provider.GetRequiredService<PostgreSqlEventStore>();

        await store.Schema.InstallAsync(Cancellation);
        await store.Schema.InstallAsync(Cancellation);

        log.Names.Should().Equal("SchemaInstalled");
    }

    [Fact]
    public async Task An_outage_is_logged_when_it_begins_and_when_it_is_over()
    {
        await using var cluster = await PostgreSqlServer.StartDedicatedAsync(Cancellation);
        await using var dataSource = NpgsqlDataSource.Create(cluster.ConnectionString);
        var log = new LogRecorder();
        await using var store = new PostgreSqlEventStore(dataSource, new PostgreSqlOptions(), logger: log);
        await store.Schema.InstallAsync(Cancellation);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var following = Task.Run(() => store.SubscribeAsync(cancellationToken: stop.Token).LastOrDefaultAsync(stop.Token).AsTask(), Cancellation);
        while (await ListenersAsync(dataSource) == 0)
        {
            await Task.Delay(10, Cancellation);
        }

        await cluster.StopAsync(true, Cancellation);
        await log.WaitForAsync("TailLost", Cancellation);
        await log.WaitForAsync("ListenerLost", Cancellation);
        log.Names.Should().NotContain(["TailBack", "ListenerBack"]);
        await cluster.StartAsync(Cancellation);
        await log.WaitForAsync("TailBack", Cancellation);
        await log.WaitForAsync("ListenerBack", Cancellation);

        await stop.CancelAsync();
        await FluentActions.Awaiting(() => following).Should().ThrowAsync<OperationCanceledException>();
        log.Names.Should().Contain("ConnectionLost");
        log.Count("ListenerLost").Should().Be(1);
        log.Count("ListenerBack").Should().Be(1);
    }

    [Fact]
    public async Task A_batch_that_fails_is_logged_and_each_of_its_appends_stands_for_itself()
    {
        await using var own = await TestDatabase.CreateAsync();
        var log = new LogRecorder();
        await using var store = new PostgreSqlEventStore(own.DataSource, new PostgreSqlOptions { Schema = own.SchemaName }, logger: log);
        await own.ExecuteAsync("create function {schema}.refuse() returns trigger language plpgsql as $$ begin raise exception 'refused'; end $$");
        await own.ExecuteAsync("create trigger refuse before insert on {schema}.events for each row when (new.type = 'refused') execute function {schema}.refuse()");

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => Task.Run(async () =>
        {
            try
            {
                await store.AppendAsync($"{category}-{i}", ExpectedVersion.NoStream, [Events.New(i % 20 == 19 ? "refused" : "happened")], Cancellation);
                return true;
            }
            catch (PostgresException)
            {
                return false;
            }
        }))).WaitAsync(Patience, Cancellation);

        outcomes.Count(isStored => isStored).Should().Be(190);
        log.Names.Should().Contain("BatchFailed");
    }

    [Fact]
    public async Task Whom_readers_have_been_waiting_for_is_told_once_and_so_is_that_it_is_over()
    {
        await using var own = await TestDatabase.CreateAsync();
        var log = new LogRecorder();
        var clock = new Clock();
        using var watch = new TelemetryWatch(isTracing: false);
        await using var store = new PostgreSqlEventStore(own.DataSource, new PostgreSqlOptions { Schema = own.SchemaName }, clock, log);
        await using var dataSource = NpgsqlDataSource.Create($"{own.ConnectionString};Application Name=slow");
        await using var connection = await dataSource.OpenConnectionAsync(Cancellation);
        await using var transaction = await connection.BeginTransactionAsync(Cancellation);
        await own.Store.AppendAsync(Events.To($"{category}-1", ExpectedVersion.Any, Events.New()), transaction, Cancellation);
        await own.Store.AppendAsync($"{category}-2", ExpectedVersion.Any, [Events.New()], Cancellation);

        // The first look begins the wait; the gauge shows it, and nobody is told of a short one.
        await store.GetHeadAsync(Cancellation);
        clock.Ahead = TimeSpan.FromSeconds(2);
        await store.GetHeadAsync(Cancellation);
        watch.Gauge("eventsourcing.log.waiting", $"schema={own.SchemaName}").Should().Contain(seconds => seconds >= 2 && seconds < 5);
        log.Names.Should().NotContain("AppendAwaited");

        clock.Ahead = TimeSpan.FromSeconds(30);
        await store.GetHeadAsync(Cancellation);
        await store.GetHeadAsync(Cancellation);
        log.Count("AppendAwaited").Should().Be(1);
        log.Texts.Should().ContainSingle(text => text.Contains("(slow)", StringComparison.Ordinal)).Which.Should().Contain("process ").And.Contain(own.SchemaName);

        await transaction.CommitAsync(Cancellation);
        await store.GetHeadAsync(Cancellation);
        log.Count("AppendEnded").Should().Be(1);
        watch.Gauge("eventsourcing.log.waiting", $"schema={own.SchemaName}").Should().OnlyContain(seconds => seconds == 0);
        await store.DisposeAsync();
        watch.Gauge("eventsourcing.log.waiting", $"schema={own.SchemaName}").Should().BeEmpty();
    }

    private static async Task<long> ListenersAsync(NpgsqlDataSource dataSource)
    {
        await using var command = dataSource.CreateCommand("select count(*) from pg_stat_activity where query like 'listen %'");
        return (long)(await command.ExecuteScalarAsync(Cancellation))!;
    }

    private sealed class Clock : TimeProvider
    {
        public TimeSpan Ahead { get; set; }

        public override long GetTimestamp() => base.GetTimestamp() + (long)(Ahead.TotalSeconds * TimestampFrequency);
    }
}
