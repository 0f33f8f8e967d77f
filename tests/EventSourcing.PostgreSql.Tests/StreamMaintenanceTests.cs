using System.Text;
using Npgsql;

namespace EventSourcing.PostgreSql;

/// <summary>What of the life of streams is PostgreSQL's own: transactions, imports, partitions, other processes' memory, what is left in tables.</summary>
public sealed class StreamMaintenanceTests
{
    private static readonly MaintenanceNote Why = new("ada", "why");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_closed_stream_is_refused_inside_the_callers_transaction_which_goes_on()
    {
        await using var database = await TestDatabase.CreateAsync();
        var maintenance = await FillAsync(database);
        await maintenance.ArchiveAsync("a-1", Why, Cancellation);
        await maintenance.DeleteAsync("a-2", Why, cancellationToken: Cancellation);
        await using var connection = await database.DataSource.OpenConnectionAsync(Cancellation);
        await using var transaction = await connection.BeginTransactionAsync(Cancellation);

        foreach (var stream in new[] { "a-1", "a-2" })
        {
            await FluentActions.Awaiting(() => database.Store.AppendAsync(Events.To(stream, ExpectedVersion.Any, Events.New()), transaction, Cancellation))
                .Should().ThrowAsync<StreamClosedException>();
        }

        await database.Store.AppendAsync(Events.To("a-3", ExpectedVersion.NoStream, Events.New()), transaction, Cancellation);
        await transaction.CommitAsync(Cancellation);
        (await CountAsync(database, "a-3")).Should().Be(1);
    }

    [Fact]
    public async Task An_append_that_waits_for_an_archiving_is_refused_and_one_before_it_is_archived_too()
    {
        await using var database = await TestDatabase.CreateAsync();
        await FillAsync(database);
        foreach (var expected in new[] { ExpectedVersion.Any, ExpectedVersion.At(1), ExpectedVersion.StreamExists })
        {
            await using var connection = await database.DataSource.OpenConnectionAsync(Cancellation);
            await using var transaction = await connection.BeginTransactionAsync(Cancellation);
            await using (var archive = new NpgsqlCommand($"select * from {database.SchemaName}.archive_stream('a-1', 'ada', 'why')", connection, transaction))
            {
                await archive.ExecuteNonQueryAsync(Cancellation);
            }

            var waiting = database.Store.AppendAsync("a-1", expected, [Events.New()], Cancellation);
            await Task.Delay(200, Cancellation);
            waiting.IsCompleted.Should().BeFalse();
            await transaction.CommitAsync(Cancellation);

            await FluentActions.Awaiting(() => waiting.WaitAsync(TimeSpan.FromSeconds(30), Cancellation)).Should().ThrowAsync<StreamClosedException>();
            await database.ExecuteAsync("select * from {schema}.restore_stream('a-1', 'ada', 'why')");
        }

        await using var appending = await database.DataSource.OpenConnectionAsync(Cancellation);
        await using var own = await appending.BeginTransactionAsync(Cancellation);
        await database.Store.AppendAsync(Events.To("a-1", ExpectedVersion.At(1), Events.New()), own, Cancellation);
        var archiving = Maintenance(database).ArchiveAsync("a-1", Why, Cancellation);
        await Task.Delay(200, Cancellation);
        archiving.IsCompleted.Should().BeFalse();
        await own.CommitAsync(Cancellation);

        (await archiving).Version.Value.Should().Be(2);
        (await database.ScalarAsync<long>("select count(*) from {schema}.archived_events")).Should().Be(2);
        (await CountAsync(database, "a-1")).Should().Be(2);
    }

    [Fact]
    public async Task An_import_knows_what_an_archived_stream_holds_and_brings_nothing_into_a_closed_one()
    {
        await using var database = await TestDatabase.CreateAsync();
        StreamAppend[] history = [new("b-1", ExpectedVersion.NoStream, [Events.New(), Events.New()]), new("b-2", ExpectedVersion.NoStream, [Events.New()])];
        await database.Store.ImportAsync(history.ToAsyncEnumerable(), cancellationToken: Cancellation);
        var maintenance = Maintenance(database);
        await maintenance.ArchiveAsync("b-1", Why, Cancellation);

        (await database.Store.ImportAsync(history.ToAsyncEnumerable(), cancellationToken: Cancellation)).AlreadyStored.Should().Be(3);
        await maintenance.DeleteAsync("b-2", Why, cancellationToken: Cancellation);
        foreach (var part in new[] { new StreamAppend("b-1", ExpectedVersion.At(2), [Events.New()]), new StreamAppend("b-2", ExpectedVersion.At(2), [Events.New()]), history[1] })
        {
            var import = () => database.Store.ImportAsync(new[] { part, new StreamAppend("b-3", ExpectedVersion.NoStream, [Events.New()]) }.ToAsyncEnumerable(), cancellationToken: Cancellation);
            (await import.Should().ThrowAsync<StreamClosedException>()).Which.Stream.Should().Be(part.Stream);
        }

        (await CountAsync(database, "b-3")).Should().Be(0);
        (await database.Store.GetHeadAsync(Cancellation)).Final.Value.Should().Be(4);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(16)]
    public async Task Nothing_is_left_of_what_was_deleted_in_any_table_nor_in_another_process(int partitions)
    {
        const string Secret = "eve@example.org";
        await using var database = await TestDatabase.CreateAsync(partitions);
        var reader = database.NewStore();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var live = new TaskCompletionSource();
        var following = Task.Run(
            async () =>
            {
                await foreach (var message in reader.SubscribeAsync(cancellationToken: stop.Token))
                {
                    if (message is CaughtUp)
                    {
                        live.TrySetResult();
                    }
                }
            },
            Cancellation);
        await live.Task.WaitAsync(TimeSpan.FromSeconds(30), Cancellation);
        var secret = new EventData(Guid.NewGuid(), "signed-up", Encoding.UTF8.GetBytes($$"""{"mail":"{{Secret}}"}"""), Encoding.UTF8.GetBytes($$"""{"x":"{{Secret}}"}"""), [new Tag($"mail:{Secret}")]);
        await database.Store.AppendAsync("a-0", ExpectedVersion.NoStream, [Events.New()], Cancellation);
        await database.Store.AppendAsync("a-1", ExpectedVersion.NoStream, [secret, Events.New()], Cancellation);
        var snapshots = new PostgreSqlSnapshotStore(database.Store);
        var snapshot = new StoredSnapshot("a-1", "s", 1, new StreamVersion(2), new LogPosition(3), Encoding.UTF8.GetBytes($"\"{Secret}\""));
        await snapshots.SaveAsync(snapshot, Cancellation);
        (await FindAsync(database, Secret)).Should().NotBeEmpty();

        await Maintenance(database).DeleteAsync("a-1", Why, cancellationToken: Cancellation);
        await snapshots.SaveAsync(snapshot, Cancellation);

        (await FindAsync(database, Secret)).Should().BeEmpty();
        foreach (var store in new[] { database.Store, reader })
        {
            (await store.ReadAllAsync(cancellationToken: Cancellation).Select(recorded => recorded.Position.Value).ToListAsync(Cancellation)).Should().Equal(1, 4);
            var page = await store.ReadLogAsync(new LogReadOptions { After = new LogPosition(1) }, Cancellation);
            page.Events.Select(recorded => recorded.Type).Should().Equal(StreamDeleted.StoredName);
        }

        await stop.CancelAsync();
        await FluentActions.Awaiting(() => following).Should().ThrowAsync<OperationCanceledException>();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public async Task A_chain_goes_on_behind_what_was_truncated_archived_restored_and_deleted(int partitions)
    {
        await using var database = await TestDatabase.CreateAsync(partitions: partitions);
        await database.Store.Schema.InstallHashChainAsync(cancellationToken: Cancellation);
        var maintenance = Maintenance(database);
        foreach (var stream in new[] { "a-1", "a-2", "a-3" })
        {
            await database.Store.AppendAsync(stream, ExpectedVersion.NoStream, [Events.New(), Events.New(), Events.New()], Cancellation);
        }

        var verifier = new ChainVerifier(database.Store, new PostgreSqlHashChain(database.Store));
        await maintenance.ArchiveAsync("a-1", Why, Cancellation);
        await maintenance.ArchiveAsync("a-2", Why, Cancellation);
        await maintenance.RestoreAsync("a-2", Why, Cancellation);
        foreach (var (stream, before) in new[] { ("a-1", 2), ("a-2", 2), ("a-2", 3) })
        {
            await database.ExecuteAsync($"select * from {{schema}}.truncate_stream('{stream}', {before}, 0::smallint, null, false, 'ada', 'why')");
        }

        await maintenance.DeleteAsync("a-3", Why, cancellationToken: Cancellation);
        await maintenance.RestoreAsync("a-1", Why, Cancellation);
        await database.Store.AppendAsync("a-1", ExpectedVersion.At(3), [Events.New()], Cancellation);
        foreach (var (stream, first, events) in new[] { ("a-1", 2, 3), ("a-2", 3, 1), ("a-3", 4, 1) })
        {
            var intact = await verifier.VerifyAsync(stream, cancellationToken: Cancellation);
            (intact.IsIntact, intact.FirstVersion.Value, intact.Events).Should().Be((true, first, events), stream);
        }

        // The first event that is left is held against the one that is gone.
        await database.ExecuteAsync("update {schema}.events set data = '{\"forged\": true}' where version = (select min(version) from {schema}.events e where e.stream_id = events.stream_id)");
        foreach (var (stream, first) in new[] { ("a-1", 2), ("a-2", 3), ("a-3", 4) })
        {
            var broken = await verifier.VerifyAsync(stream, cancellationToken: Cancellation);
            (broken.FirstBreak!.Kind, broken.FirstBreak.Version.Value).Should().Be((ChainBreakKind.Changed, first), stream);
        }
    }

    [Fact]
    public async Task An_older_schema_gets_what_is_new()
    {
        await using var database = await TestDatabase.CreateAsync();
        await FillAsync(database);
        await database.ExecuteAsync(
            """
            drop view {schema}.log; drop table {schema}.archived_events, {schema}.truncated_streams, {schema}.removed_events, {schema}.stream_operations;
            drop function {schema}.find_stream, {schema}.archive_stream, {schema}.delete_stream, {schema}.unread_by, {schema}.remove_events;
            alter table {schema}.streams drop column state;
            alter table {schema}.events drop column hash;
            update {schema}.schema_version set version = 4
            """);

        await database.NewStore().Schema.InstallAsync(Cancellation);

        await Maintenance(database).ArchiveAsync("a-1", Why, Cancellation);
        (await database.NewStore().ReadAllAsync(cancellationToken: Cancellation).CountAsync(Cancellation)).Should().Be(3);
    }

    private static PostgreSqlStreamMaintenance Maintenance(TestDatabase database) => new(database.Store, new EventTypeRegistry());

    private static async Task<PostgreSqlStreamMaintenance> FillAsync(TestDatabase database)
    {
        await database.Store.AppendAsync("a-1", ExpectedVersion.NoStream, [Events.New()], Cancellation);
        await database.Store.AppendAsync("a-2", ExpectedVersion.NoStream, [Events.New(), Events.New()], Cancellation);
        return Maintenance(database);
    }

    private static async Task<int> CountAsync(TestDatabase database, StreamName stream) =>
        await database.Store.ReadStreamAsync(stream, cancellationToken: Cancellation).CountAsync(Cancellation);

    /// <summary>The tables with a row that holds a text.</summary>
    private static async Task<List<string>> FindAsync(TestDatabase database, string text)
    {
        var found = new List<string>();
        var tables = await database.ScalarAsync<string[]>(
            "select array_agg(relname::text) from pg_class where relnamespace = '{schema}'::regnamespace and relkind = 'r'");
        foreach (var table in tables)
        {
            if (await database.ScalarAsync<bool>($"select exists (select from {{schema}}.{table} t where t::text like '%{text}%')"))
            {
                found.Add(table);
            }
        }

        return found;
    }
}
