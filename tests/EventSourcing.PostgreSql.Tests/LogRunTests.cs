using Npgsql;

namespace EventSourcing.PostgreSql;

/// <summary>Much of the log is read several pages in one statement; nobody notices but by the time it takes.</summary>
public sealed class LogRunTests(LogRunTests.FilledDatabase database) : IClassFixture<LogRunTests.FilledDatabase>
{
    private const int Streams = 400;
    private const int StreamLength = 100;
    private const int Events = Streams * StreamLength;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(100)]
    [InlineData(999)]
    [InlineData(5_000)]
    [InlineData(50_000)]
    public async Task Every_event_comes_once_and_in_order(int pageSize)
    {
        var read = await ReadAsync(database.Store, new LogReadOptions { PageSize = pageSize });

        read.Should().Equal(database.Positions);
    }

    [Fact]
    public async Task A_part_of_the_log_begins_and_ends_where_it_should()
    {
        var (first, last) = (database.Positions[1_234], database.Positions[^1_234]);

        var read = await ReadAsync(database.Store, new LogReadOptions { After = first, UpTo = last, PageSize = 100 });

        read.Should().Equal(database.Positions.Where(position => position > first && position <= last));
    }

    [Theory]
    [InlineData("even", Events / 2)]
    [InlineData("rare", 4)]
    [InlineData("never", 0)]
    public async Task A_filter_holds(string type, int count)
    {
        var read = await ReadAsync(database.Store, new LogReadOptions { Filter = new EventFilter { EventTypes = [type] }, PageSize = 100 });

        read.Should().HaveCount(count).And.BeInAscendingOrder(position => position.Value).And.OnlyHaveUniqueItems();
    }

    [Fact]
    public async Task Quick_work_takes_few_statements()
    {
        await using var dataSource = DataSource("quick");
        await using var store = database.Other(dataSource);
        using var statements = new StatementCount("quick");

        (await ReadAsync(store, new LogReadOptions { PageSize = 100 })).Should().HaveCount(Events);

        // A statement for each page would be 400.
        statements.Count.Should().BeLessThan(250);
    }

    [Fact]
    public async Task Slow_work_can_have_the_only_connection_and_misses_nothing()
    {
        await using var dataSource = DataSource("slow", settings => (settings.MaxPoolSize, settings.Timeout) = (1, 20));
        await using var store = database.Other(dataSource);
        var read = new List<LogPosition>();
        var slow = 0;
        await foreach (var page in store.ReadPagesAsync(new LogReadOptions { PageSize = 1_000 }, Cancellation))
        {
            read.AddRange(page.Events.Select(recorded => recorded.Position));
            if (read.Count is > 8_000 and < 12_000)
            {
                slow++;
                await using var command = dataSource.CreateCommand("select pg_sleep(0.2)");
                await command.ExecuteNonQueryAsync(Cancellation);
            }
        }

        slow.Should().BeGreaterThan(1);
        read.Should().Equal(database.Positions);
    }

    [Fact]
    public async Task A_lost_connection_repeats_and_skips_nothing()
    {
        await using var dataSource = DataSource("lost");
        await using var store = database.Other(dataSource);
        var read = new List<LogPosition>();
        var killed = 0L;
        await foreach (var page in store.ReadPagesAsync(new LogReadOptions { PageSize = 1_000 }, Cancellation))
        {
            read.AddRange(page.Events.Select(recorded => recorded.Position));
            if (read.Count is 5_000 or 20_000)
            {
                killed += await database.Inner.ScalarAsync<long>("select count(pg_terminate_backend(pid, 5000)) from pg_stat_activity where application_name = 'lost'");
            }
        }

        killed.Should().BeGreaterThanOrEqualTo(2);
        read.Should().Equal(database.Positions);
    }

    [Fact]
    public async Task Who_stops_in_the_middle_holds_nothing_any_more()
    {
        await using var dataSource = DataSource("stopped", settings => (settings.MaxPoolSize, settings.Timeout) = (1, 20));
        await using var store = database.Other(dataSource);
        for (var time = 0; time < 5; time++)
        {
            (await store.ReadAllAsync(cancellationToken: Cancellation).Take(7_500).CountAsync(Cancellation)).Should().Be(7_500);
        }

        using var stop = new CancellationTokenSource();
        await FluentActions
            .Awaiting(async () =>
            {
                await foreach (var page in store.ReadPagesAsync(new LogReadOptions { PageSize = 500 }, stop.Token))
                {
                    if (page.ReadTo > database.Positions[6_000])
                    {
                        await stop.CancelAsync();
                    }
                }
            })
            .Should().ThrowAsync<OperationCanceledException>();

        (await ReadAsync(store, new LogReadOptions())).Should().HaveCount(Events);
    }

    private static async Task<List<LogPosition>> ReadAsync(PostgreSqlEventStore store, LogReadOptions options) =>
        await store.ReadAllAsync(options, Cancellation).Select(recorded => recorded.Position).ToListAsync(Cancellation);

    private NpgsqlDataSource DataSource(string name, Action<NpgsqlConnectionStringBuilder>? configure = null)
    {
        var settings = new NpgsqlConnectionStringBuilder(database.Inner.ConnectionString) { ApplicationName = name };
        configure?.Invoke(settings);
        return new NpgsqlDataSourceBuilder(settings.ConnectionString) { Name = name }.Build();
    }

    /// <summary>A log that is long enough.</summary>
    public sealed class FilledDatabase : IAsyncLifetime
    {
        public TestDatabase Inner { get; } = new();

        public PostgreSqlEventStore Store => Inner.Store;

        public IReadOnlyList<LogPosition> Positions { get; private set; } = [];

        public async ValueTask InitializeAsync()
        {
            await Inner.InitializeAsync();
            await Store.ImportAsync(Parts().ToAsyncEnumerable(), cancellationToken: Cancellation);
            var rows = new List<LogPosition>();
            await using var command = Inner.DataSource.CreateCommand($"select position from {Inner.SchemaName}.events order by position");
            await using var row = await command.ExecuteReaderAsync(Cancellation);
            while (await row.ReadAsync(Cancellation))
            {
                rows.Add(new LogPosition(row.GetInt64(0)));
            }

            Positions = rows;
        }

        public ValueTask DisposeAsync() => Inner.DisposeAsync();

        /// <summary>A store that has not read anything yet.</summary>
        public PostgreSqlEventStore Other(NpgsqlDataSource dataSource) =>
            new(dataSource, new PostgreSqlOptions { Schema = Inner.SchemaName, Notifications = false });

        private static IEnumerable<StreamAppend> Parts() =>
            Enumerable.Range(0, Streams).Select(stream => new StreamAppend(
                StreamName.For("order", stream),
                ExpectedVersion.NoStream,
                [.. Enumerable.Range(0, StreamLength).Select(n => new EventData(Guid.CreateVersion7(), TypeOf(stream, n), "{}"u8.ToArray()))]));

        private static string TypeOf(int stream, int n) => n % 2 == 0 ? "even" : n == 1 && stream % 100 == 0 ? "rare" : "odd";
    }
}
