using EventSourcing.Conformance;
using Npgsql;

namespace EventSourcing.PostgreSql;

/// <summary>Read models that are written, rebuilt, replaced and repaired at the same time.</summary>
public sealed class ProjectionRaceTests
{
    private static readonly EventSerializer Serializer = new(new EventTypeRegistry().Add<Counted>());

    private static readonly ConsumerOptions Quick = new()
    {
        FirstRetryDelay = TimeSpan.FromMilliseconds(1),
        LeaseTime = TimeSpan.FromSeconds(1),
        MaxAttempts = 2,
        PageSize = 5,
    };

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_projection_that_gathers_a_page_is_rebuilt_beside_itself()
    {
        await using var database = await TestDatabase.CreateAsync();
        await AppendAsync(database, [.. Enumerable.Repeat(1, 100)]);
        var projection = new GatheringProjection(database.Store);
        var runner = Runner(database.Store, projection, Quick);
        await runner.CatchUpAsync(Cancellation);
        await using var run = new RunUnderWay(runner.RunAsync);
        await runner.RebuildAsync("gathered", Cancellation);

        var total = 100;
        var last = LogPosition.Start;
        for (; total < 200; total++)
        {
            last = await AppendAsync(database, 1);
        }

        await UntilAsync(async () => (await runner.GetStatusAsync(Cancellation)).Count == 1);
        await runner.WaitForAsync("gathered", last, Cancellation).WaitAsync(Patience, Cancellation);
        (await projection.TotalAsync(database)).Should().Be(total);
    }

    [Fact]
    public async Task A_letter_of_what_is_being_built_outlives_the_retry_of_what_serves()
    {
        await using var database = await TestDatabase.CreateAsync();
        await AppendAsync(database, 1, 2, 4);
        var isBroken = true;
        using var goOn = new SemaphoreSlim(0);
        var isSlow = false;
        var projection = new CountProjection(database.Store, before: async counted =>
        {
            if (isBroken && counted.By == 2)
            {
                throw new InvalidOperationException("poison");
            }

            if (isSlow && counted.By == 4)
            {
                await goOn.WaitAsync(Patience);
            }
        });
        var runner = Runner(database.Store, projection, Quick with { OnPoison = PoisonAction.Park });
        await runner.CatchUpAsync(Cancellation);
        var letter = (await runner.ListDeadLettersAsync("counts", Cancellation)).Should().ContainSingle().Which;
        isSlow = true;
        await using (new RunUnderWay(runner.RunAsync))
        {
            await runner.RebuildAsync("counts", Cancellation);
            await UntilAsync(async () => await database.ScalarAsync<long>("select count(*) from {schema}.dead_letters where generation = 2") == 1);

            isBroken = false;
            var other = database.NewStore();
            (await Runner(other, new CountProjection(other), Quick).RetryDeadLetterAsync(letter, Cancellation)).Should().BeTrue();
            (await projection.TotalAsync(database.DataSource)).Should().Be(7);
            goOn.Release(10);
            await UntilAsync(async () => await database.ScalarAsync<long>("select count(*) from {schema}.consumers where generation = 2 and is_serving") == 1);
        }

        (await projection.TotalAsync(database.DataSource)).Should().Be(5, "what was built has gone past the event");
        (await runner.ListDeadLettersAsync("counts", Cancellation)).Should().ContainSingle("and says so");
    }

    [Fact]
    public async Task A_rebuilt_inline_projection_leaves_no_old_read_model_behind()
    {
        await using var database = await TestDatabase.CreateAsync();
        var (runner, _) = Inline(database.Store);
        await using var run = new RunUnderWay(runner.RunAsync);
        await UntilAsync(async () => await database.ScalarAsync<long>("select count(*) from {schema}.consumers where is_inline") == 1);
        await AppendAsync(database, 1);

        await runner.RebuildAsync("sums", Cancellation);

        await UntilAsync(async () => await database.ScalarAsync<long>("select count(*) from {schema}.consumers where is_inline and generation = 2") == 1);
        await UntilAsync(async () => await database.ScalarAsync<long>("select count(*) from pg_namespace where starts_with(nspname, '{schema}_sums_')") == 0);
    }

    [Fact]
    public async Task A_long_append_does_not_keep_processes_from_saying_that_they_are_there()
    {
        await using var database = await TestDatabase.CreateAsync();
        var (runner, _) = Inline(database.Store);
        await using (new RunUnderWay(runner.RunAsync))
        {
            await UntilAsync(async () => await database.ScalarAsync<long>("select count(*) from {schema}.consumers where is_inline") == 1);
        }

        await using var connection = await database.DataSource.OpenConnectionAsync(Cancellation);
        await using var transaction = await connection.BeginTransactionAsync(Cancellation);
        var request = Events.To("sum-1", ExpectedVersion.Any, Serializer.Serialize(new Counted(1)));
        await database.Store.AppendAsync(request, transaction, Cancellation);

        var (newer, _) = Inline(database.NewStore(), version: 2);
        await using var run = new RunUnderWay(newer.RunAsync);
        var board = new PostgreSqlConsumerStore(database.NewStore());
        var longest = TimeSpan.Zero;
        for (var i = 0; i < 10; i++)
        {
            var begun = System.Diagnostics.Stopwatch.GetTimestamp();
            await board.ChangeAsync(_ => new ConsumerBoardChange(), Cancellation);
            var took = System.Diagnostics.Stopwatch.GetElapsedTime(begun);
            longest = took > longest ? took : longest;
            await Task.Delay(100, Cancellation);
        }

        longest.Should().BeLessThan(TimeSpan.FromSeconds(1));
        await transaction.RollbackAsync(Cancellation);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Pages_that_a_crash_of_the_server_took_back_are_applied_again_though_nothing_is_appended(bool isView)
    {
        await using var database = await TestDatabase.CreateAsync();
        var name = isView ? "sums" : "counts";
        var first = await AppendAsync(database, 1);
        var projection = isView ? new PostgreSqlViewStore(database.Store, Serializer).Bind(new Sums()) : new CountProjection(database.Store);
        var total = isView
            ? $"select coalesce(sum((data->>'total')::bigint), 0)::bigint from {database.SchemaName}_sums.views"
            : $"select coalesce(sum(total), 0)::bigint from {database.SchemaName}_counts.counts";
        var runner = Runner(database.Store, projection, Quick);
        await using var run = new RunUnderWay(runner.RunAsync);
        await runner.WaitForAsync(name, first, Cancellation).WaitAsync(Patience, Cancellation);
        await database.ExecuteAsync($"create table {database.SchemaName}.disk as table {database.SchemaName}_{name}.{(isView ? "views" : name)}");
        var last = await AppendAsync(database, 2);
        await runner.WaitForAsync(name, last, Cancellation).WaitAsync(Patience, Cancellation);

        // What the disk had of the read model and of its position; no connection is lost, nobody is told.
        var table = $"{database.SchemaName}_{name}.{(isView ? "views" : name)}";
        await database.ExecuteAsync(
            $"begin; update {{schema}}.consumers set position = {first.Value}; delete from {table}; insert into {table} table {{schema}}.disk; commit");

        await UntilAsync(async () => await database.ScalarAsync<long>(total) == 3);
        (await database.ScalarAsync<long>("select position from {schema}.consumers")).Should().Be(last.Value);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_append_with_an_inline_projection_needs_no_second_connection(bool isCallersTransaction)
    {
        // With two, as many appends at once as the pool has connections wait for one another.
        await using var database = await TestDatabase.CreateAsync();
        var (runner, sums) = Inline(database.Store);
        await using var run = new RunUnderWay(runner.RunAsync);
        await UntilAsync(() => database.ScalarAsync<bool>("select count(*) > 0 from {schema}.consumers where is_inline"));
        await using var single = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(database.ConnectionString) { MaxPoolSize = 1, Timeout = 3 });
        await using var store = database.NewStore(_ => { }, dataSource: single);
        Inline(store);
        var request = new AppendRequest(new StreamAppend("count-1", ExpectedVersion.NoStream, [Serializer.Serialize(new Counted(7))]));
        if (isCallersTransaction)
        {
            await using var connection = await single.OpenConnectionAsync(Cancellation);
            await using var transaction = await connection.BeginTransactionAsync(Cancellation);
            await store.AppendAsync(request, transaction, Cancellation);
            await transaction.CommitAsync(Cancellation);
        }
        else
        {
            await store.AppendAsync(request, Cancellation);
        }

        (await new PostgreSqlViewStore(store, Serializer).Open(sums).ReadAllAsync(Cancellation).ToListAsync(Cancellation)).Single().Value.Total.Should().Be(7);
    }

    [Fact]
    public async Task An_append_with_an_inline_projection_whose_commit_was_lost_is_not_said_to_be_refused()
    {
        await using var database = await TestDatabase.CreateAsync();
        var (runner, _) = Inline(database.Store);
        await using var run = new RunUnderWay(runner.RunAsync);
        await UntilAsync(() => database.ScalarAsync<bool>("select count(*) > 0 from {schema}.consumers where is_inline"));

        // The first attempt loses its connection in the middle of its commit, the others find a full disk before they have done anything.
        await database.ExecuteAsync("""
            create sequence {schema}.attempts;
            create function {schema}.break() returns trigger language plpgsql as $$
            begin
              if currval('{schema}.attempts') = 1 then perform pg_terminate_backend(pg_backend_pid()); end if;
              return null;
            end $$;
            create function {schema}.refuse() returns trigger language plpgsql as $$
            begin
              if nextval('{schema}.attempts') > 1 then raise exception sqlstate '53100'; end if;
              return new;
            end $$;
            create trigger refuse before insert on {schema}.events for each row execute function {schema}.refuse();
            create constraint trigger break after insert on {schema}.events deferrable initially deferred for each row execute function {schema}.break()
            """);

        var append = () => database.Store.AppendAsync("count-1", ExpectedVersion.NoStream, [Serializer.Serialize(new Counted(7))], Cancellation);

        (await append.Should().ThrowAsync<AppendOutcomeUnknownException>()).WithMessage("*they are not stored twice*");
        (await database.ScalarAsync<long>("select last_value from {schema}.attempts")).Should().BeGreaterThan(1);
    }

    [Fact]
    public async Task Another_store_is_never_taken_for_a_read_model()
    {
        await using var database = await TestDatabase.CreateAsync();
        await AppendAsync(database, 1);
        var archive = database.NewStore(options => options.Schema = database.SchemaName + "_archive");
        await archive.Schema.InstallAsync(Cancellation);
        await archive.AppendAsync("kept-1", ExpectedVersion.NoStream, [Serializer.Serialize(new Counted(1))], Cancellation);
        var runner = Runner(database.Store, new CountProjection(database.Store, "archive"), Quick);

        await FluentActions.Awaiting(() => runner.CatchUpAsync(Cancellation)).Should().ThrowAsync<ConsumerFailedException>().WithMessage("*event store*");
        await runner.RebuildAsync("archive", Cancellation);
        await Record.ExceptionAsync(() => runner.CatchUpAsync(Cancellation)).AsTask();

        (await archive.GetHeadAsync(Cancellation)).Final.Should().Be(new LogPosition(1));
    }

    [Fact]
    public async Task A_replacement_that_waits_for_a_page_does_not_keep_processes_from_saying_that_they_are_there()
    {
        await using var database = await TestDatabase.CreateAsync();
        await AppendAsync(database, 1);
        await Runner(database.Store, new CountProjection(database.Store), Quick).CatchUpAsync(Cancellation);
        await using var connection = await database.DataSource.OpenConnectionAsync(Cancellation);
        await using var page = await connection.BeginTransactionAsync(Cancellation);
        await using (var command = new NpgsqlCommand($"select from {database.SchemaName}.consumers for update", connection, page))
        {
            await command.ExecuteNonQueryAsync(Cancellation);
        }

        var promoting = new PostgreSqlConsumerStore(database.Store).TryPromoteAsync("counts", 2, Cancellation);
        await Task.Delay(300, Cancellation);
        var begun = System.Diagnostics.Stopwatch.GetTimestamp();
        await new PostgreSqlConsumerStore(database.NewStore()).ChangeAsync(_ => new ConsumerBoardChange(), Cancellation);

        // Behind the replacement it would wait until that has given up, after 5 s of which 0.3 have passed.
        System.Diagnostics.Stopwatch.GetElapsedTime(begun).Should().BeLessThan(TimeSpan.FromSeconds(4));
        await page.RollbackAsync(Cancellation);
        (await promoting).Should().BeFalse("there is nothing to put in its place");
    }

    private static (ProjectionRunner Runner, Sums Sums) Inline(PostgreSqlEventStore store, int version = 1)
    {
        var sums = new Sums(version);
        var projection = (InlineProjection)new PostgreSqlViewStore(store, Serializer).BindInline(sums);
        store.UseInline(projection);
        return (Runner(store, projection, Quick), sums);
    }

    private static ProjectionRunner Runner(PostgreSqlEventStore store, IProjection projection, ConsumerOptions options) =>
        new(store, Serializer, [projection], options, new PostgreSqlConsumerStore(store), new PostgreSqlDeadLetterStore(store));

    private static async Task<LogPosition> AppendAsync(TestDatabase database, params int[] counts)
    {
        var events = counts.Select(count => Serializer.Serialize(new Counted(count))).ToArray();
        return (await database.Store.AppendAsync("count-1", ExpectedVersion.Any, events, Cancellation)).Position;
    }

    private static async Task UntilAsync(Func<Task<bool>> isTrue)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        patience.CancelAfter(Patience);
        while (!await isTrue())
        {
            await Task.Delay(5, patience.Token);
        }
    }

    private sealed record Sum(int Total);

    private sealed class Sums : ViewProjection<Sum>
    {
        public Sums(int version = 1)
            : base("sums", version) => On<Counted>((sum, counted, _) => new Sum((sum?.Total ?? 0) + counted.By));
    }

    /// <summary>Gathers a page in a field, and writes it in one statement.</summary>
    private sealed class GatheringProjection : PostgreSqlProjection
    {
        private int gathered;

        public GatheringProjection(PostgreSqlEventStore store)
            : base("gathered", store) => On<Counted>(async (counted, _, _) =>
            {
                gathered += counted.By;
                await Task.Delay(1, Cancellation);
            });

        public Task<long> TotalAsync(TestDatabase database) => database.ScalarAsync<long>($"select total from {ReadModelSchema}.total");

        protected override Task SetUpAsync(ProjectionTransaction transaction) => transaction.ExecuteAsync(
            "create table if not exists total (id integer primary key, total bigint not null)");

        protected override Task BeginPageAsync(ProjectionTransaction transaction)
        {
            gathered = 0;
            return Task.CompletedTask;
        }

        protected override Task CompletePageAsync(ProjectionTransaction transaction) => transaction.ExecuteAsync(
            "insert into total values (1, @gathered) on conflict (id) do update set total = total.total + excluded.total", new { gathered });
    }
}
