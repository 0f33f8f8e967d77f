using System.Runtime.CompilerServices;
using System.Text;
using Npgsql;

namespace EventSourcing.PostgreSql;

/// <summary>Storing a log anew: lost connections, rivals, and what is left of it after a crash.</summary>
public sealed class RestoreTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_lost_connection_loses_and_repeats_nothing()
    {
        await using var database = await TestDatabase.CreateAsync();
        var settings = new NpgsqlConnectionStringBuilder(database.ConnectionString) { ApplicationName = database.SchemaName };
        await using var dataSource = NpgsqlDataSource.Create(settings.ConnectionString);
        var store = database.NewStore(options => options.MaxAttempts = 20, dataSource: dataSource);
        using var done = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var killed = 0L;
        var killing = Task.Run(async () =>
        {
            while (!done.IsCancellationRequested && killed < 8)
            {
                await Task.Delay(60, Cancellation);
                killed += await database.ScalarAsync<long>(
                    $"select count(pg_terminate_backend(pid)) from pg_stat_activity where application_name = '{database.SchemaName}' and state <> 'idle'");
            }
        });

        var result = await store.RestoreAsync(new Made(120_000), cancellationToken: Cancellation);
        await done.CancelAsync();
        await killing;

        killed.Should().BePositive();
        result.Stored.Should().Be(120_000);
        await IsWholeAsync(database, 120_000);
    }

    [Fact]
    public async Task Whoever_comes_later_takes_over_and_the_other_ends()
    {
        await using var database = await TestDatabase.CreateAsync();
        var other = database.NewStore();
        Task<RestoreProgress>? second = null;
        var first = () => database.Store.RestoreAsync(
            new Made(60_000), new Direct(_ => second ??= other.RestoreAsync(new Made(60_000), cancellationToken: Cancellation)), Cancellation);

        await first.Should().ThrowAsync<InvalidOperationException>().WithMessage("*Somebody else*");

        (await second!).Position.Value.Should().Be(120_000);
        await IsWholeAsync(database, 60_000);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task It_waits_for_an_append_under_way(bool isCommitted)
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var connection = await database.DataSource.OpenConnectionAsync(Cancellation);
        await using var transaction = await connection.BeginTransactionAsync(Cancellation);
        await database.Store.AppendAsync(new AppendRequest(new StreamAppend("order-1", ExpectedVersion.NoStream, [Events.New()])), transaction, Cancellation);

        var restore = database.NewStore().RestoreAsync(new Made(10), cancellationToken: Cancellation);
        await Task.Delay(300, Cancellation);
        restore.IsCompleted.Should().BeFalse();
        await (isCommitted ? transaction.CommitAsync(Cancellation) : transaction.RollbackAsync(Cancellation));

        if (isCommitted)
        {
            await FluentActions.Awaiting(() => restore).Should().ThrowAsync<InvalidOperationException>().WithMessage("*holds events already*");
            (await database.Store.AppendAsync("order-1", ExpectedVersion.At(1), [Events.New()], Cancellation)).Position.Value.Should().Be(2);
        }
        else
        {
            (await restore).Stored.Should().Be(10);
        }
    }

    [Fact]
    public async Task A_batch_waits_for_decisions_as_any_append_does()
    {
        // What a decision has found not to be there must not be committed before the decision is: else it could be let through at the end.
        await using var database = await TestDatabase.CreateAsync();
        var query = new EventQuery(new EventQueryItem { Types = ["made"] });
        var seen = await database.Store.QueryAsync(query, Cancellation);
        await using var connection = await database.DataSource.OpenConnectionAsync(Cancellation);
        await using var transaction = await connection.BeginTransactionAsync(Cancellation);
        var check = new AppendRequest(new StreamAppend("decision-1", ExpectedVersion.NoStream, [])) { Condition = new AppendCondition(query, seen.Point) };
        await database.Store.AppendAsync(check, transaction, Cancellation);

        var restore = database.NewStore().RestoreAsync(new Made(10), cancellationToken: Cancellation);
        await Task.Delay(500, Cancellation);
        restore.IsCompleted.Should().BeFalse();
        await transaction.RollbackAsync(Cancellation);

        (await restore).Stored.Should().Be(10);
    }

    [Fact]
    public async Task An_end_that_was_not_committed_is_run_again_and_keeps_what_was_appended_since()
    {
        await using var database = await TestDatabase.CreateAsync();
        await database.Store.RestoreAsync(new Made(10), cancellationToken: Cancellation);
        var appended = await database.Store.AppendAsync("later-1", ExpectedVersion.NoStream, [Events.New()], Cancellation);
        await database.ExecuteAsync("update {schema}.log_restores set ended_at = null");

        (await database.NewStore().RestoreAsync(new Made(10), cancellationToken: Cancellation)).Stored.Should().Be(0);

        (await database.Store.AppendAsync("later-1", ExpectedVersion.At(1), [Events.New()], Cancellation)).Position.Should().BeGreaterThan(appended.Position);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public async Task Its_rows_are_those_of_appends(int partitions)
    {
        await using var database = await TestDatabase.CreateAsync(partitions);
        await database.Store.RestoreAsync(new Made(1_000), cancellationToken: Cancellation);

        (await database.ScalarAsync<long>(
            "select count(*) from {schema}.events e join {schema}.streams s on s.bucket = e.bucket and s.stream_id = e.stream_id and s.name = e.stream_name"
            + " where e.bucket = {schema}.stream_bucket(e.stream_name) and e.category = split_part(e.stream_name, '-', 1)")).Should().Be(1_000);
        (await database.ScalarAsync<long>("select count(*) from {schema}.event_tags t join {schema}.events e using (position, bucket, type) where t.tag = any (e.tags)")).Should().Be(500);
    }

    [Fact]
    public async Task Where_nothing_is_installed_it_says_so()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var missing = new PostgreSqlEventStore(database.DataSource, new PostgreSqlOptions { Schema = "nothing_here" });

        await FluentActions.Awaiting(() => missing.RestoreAsync(new Made(1), cancellationToken: Cancellation)).Should().ThrowAsync<SchemaNotInstalledException>();
    }

    [Fact]
    public void Streams_are_forgotten_when_many_others_were_met_and_looked_up_then()
    {
        var streams = new RestoreStreams(new Dictionary<StreamName, StreamInfo>());
        var batch = new RestoreBatch(LogPosition.Start);
        for (var i = 0; i < 130_000; i++)
        {
            batch.Add(Made.EventOf(i, $"order-{i}", 1), streams);
        }

        batch = new RestoreBatch(LogPosition.Start);
        batch.Add(Made.EventOf(130_000, "order-0", 2), streams);
        batch.Add(Made.EventOf(130_001, "order-129999", 2), streams);
        batch.Add(Made.EventOf(130_002, "order-70000", 2), streams);

        batch.Sought.Should().ContainSingle().Which.Stream.Name.Value.Should().Be("order-0");
        batch.Begun.Should().BeEmpty();
        FluentActions.Invoking(() => batch.Add(Made.EventOf(130_003, "order-0", 2), streams)).Should().Throw<ArgumentException>().WithMessage("*version 3 follows*");
    }

    private static async Task IsWholeAsync(TestDatabase database, int events)
    {
        var expected = await new Made(events).ReadAsync(LogPosition.Start, Cancellation).Select(one => (one.Position, one.Stream, one.Version, one.Id)).ToListAsync(Cancellation);
        var log = await database.Store.ReadAllAsync(new LogReadOptions(), Cancellation).Select(one => (one.Position, one.Stream, one.Version, one.Id)).ToListAsync(Cancellation);
        log.SequenceEqual(expected).Should().BeTrue();
        (await database.ScalarAsync<decimal>("select sum(version) from {schema}.streams")).Should().Be(events);
        (await database.Store.AppendAsync("later-1", ExpectedVersion.NoStream, [Events.New()], Cancellation)).Position.Value.Should().Be((2 * events) + 1);
    }

    private sealed class Direct(Action<RestoreProgress> tell) : IProgress<RestoreProgress>
    {
        public void Report(RestoreProgress value) => tell(value);
    }

    /// <summary>Every other position, in streams of changing length.</summary>
    private sealed class Made(int count) : ILogSource
    {
        private const int Streams = 700;

        public string Name => "made up";

        public Task<LogPosition> GetEndAsync(CancellationToken cancellationToken = default) => Task.FromResult(new LogPosition(2 * count));

        public async IAsyncEnumerable<RecordedEvent> ReadAsync(LogPosition after, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            await Task.CompletedTask;
            for (var i = (int)(after.Value / 2); i < count; i++)
            {
                yield return EventOf(i, $"order-{i % Streams}", (i / Streams) + 1);
            }
        }

        public static RecordedEvent EventOf(int i, StreamName stream, long version) => new()
        {
            Position = new LogPosition(2 * (i + 1)),
            Stream = stream,
            Version = new StreamVersion(version),
            Id = new Guid(i, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10),
            Type = "made",
            Data = Encoding.UTF8.GetBytes($$"""{"n":{{i}}}"""),
            Metadata = default,
            Tags = i % 2 == 0 ? [$"n:{i}"] : [],
            RecordedAt = DateTimeOffset.UnixEpoch.AddSeconds(i),
        };
    }
}
