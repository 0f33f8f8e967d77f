using System.Data;
using System.Text;
using Npgsql;

namespace EventSourcing.PostgreSql;

/// <summary>How appends under a condition wait for others in PostgreSQL: those that concern them, those alone, and with few locks.</summary>
public sealed class BoundaryTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongEnoughToSee = TimeSpan.FromMilliseconds(300);

    private TestDatabase database = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => database = await TestDatabase.CreateAsync();

    public ValueTask DisposeAsync() => database.DisposeAsync();

    [Theory]
    [InlineData("tag", "a b", "moved")]
    [InlineData("type", "", "seen")]
    [InlineData("both", "a", "seen")]
    [InlineData("all", "", "moved")]
    public async Task An_append_that_is_still_open_is_waited_for_and_then_spoils_the_condition(string shape, string tags, string type)
    {
        var query = shape switch
        {
            "tag" => new EventQuery(new EventQueryItem { Tags = ["a"] }),
            "type" => new EventQuery(new EventQueryItem { Types = ["seen"] }),
            "both" => new EventQuery(new EventQueryItem { Types = ["seen"], Tags = ["a"] }),
            _ => EventQuery.All,
        };
        var read = await database.Store.QueryAsync(query, Cancellation);
        await using var connection = await database.DataSource.OpenConnectionAsync(Cancellation);
        await using var transaction = await connection.BeginTransactionAsync(Cancellation);
        var open = await database.Store.AppendAsync(Request("open-1", Tagged(type, tags)), transaction, Cancellation);

        var decided = database.Store.AppendAsync(Under(query, read.Point, Tagged("seen", "a")), Cancellation);
        await Task.Delay(LongEnoughToSee, Cancellation);
        decided.IsCompleted.Should().BeFalse();
        await transaction.CommitAsync(Cancellation);

        var conflict = (await FluentActions.Awaiting(() => decided.WaitAsync(Patience, Cancellation)).Should().ThrowAsync<ConcurrencyConflictException>()).Which;
        conflict.Unseen.Should().Be(open.Position);
        conflict.Conflicts.Should().BeEmpty();
    }

    [Fact]
    public async Task An_append_that_is_rolled_back_spoils_nothing()
    {
        var query = new EventQuery(new EventQueryItem { Tags = ["a"] });
        var read = await database.Store.QueryAsync(query, Cancellation);
        await using var connection = await database.DataSource.OpenConnectionAsync(Cancellation);
        await using var transaction = await connection.BeginTransactionAsync(Cancellation);
        await database.Store.AppendAsync(Request("open-1", Tagged("seen", "a")), transaction, Cancellation);
        var decided = database.Store.AppendAsync(Under(query, read.Point, Tagged("seen", "a")), Cancellation);
        await Task.Delay(LongEnoughToSee, Cancellation);

        await transaction.RollbackAsync(Cancellation);

        (await decided.WaitAsync(Patience, Cancellation)).AlreadyStored.Should().BeFalse();
    }

    [Fact]
    public async Task Decisions_that_do_not_concern_an_open_one_go_on()
    {
        await using var connection = await database.DataSource.OpenConnectionAsync(Cancellation);
        await using var transaction = await connection.BeginTransactionAsync(Cancellation);
        await database.Store.AppendAsync(
            Under(new EventQuery(new EventQueryItem { Tags = ["course:1"] }), DecisionPoint.Start, Tagged("seen", "course:1")), transaction, Cancellation);

        // Alone, and together; with an event of the same type, and without tags.
        await Task.WhenAll(Enumerable.Range(2, 50).Select(n => database.Store.AppendAsync(
                Under(new EventQuery(new EventQueryItem { Types = ["seen"], Tags = [$"course:{n}"] }), DecisionPoint.Start, Tagged("seen", $"course:{n}")), Cancellation)))
            .WaitAsync(Patience, Cancellation);
        await database.Store.AppendAsync("plain-1", ExpectedVersion.NoStream, [Events.New()], Cancellation).WaitAsync(Patience, Cancellation);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_condition_is_refused_where_the_transaction_would_not_see_what_is_new(bool isByDefault)
    {
        var request = Under(new EventQuery(new EventQueryItem { Tags = ["a"] }), DecisionPoint.Start, Tagged("seen", "a"));
        Func<Task> append;
        if (isByDefault)
        {
            var options = new NpgsqlConnectionStringBuilder(database.ConnectionString) { Options = "-c default_transaction_isolation=serializable" };
            var source = NpgsqlDataSource.Create(options.ConnectionString);
            append = async () =>
            {
                await using (source)
                {
                    await using var store = database.NewStore(_ => { }, dataSource: source);
                    await store.AppendAsync(request, Cancellation);
                }
            };
        }
        else
        {
            append = async () =>
            {
                await using var connection = await database.DataSource.OpenConnectionAsync(Cancellation);
                await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, Cancellation);
                await database.Store.AppendAsync(request, transaction, Cancellation);
                await transaction.CommitAsync(Cancellation);
            };
        }

        await append.Should().ThrowAsync<InvalidOperationException>().WithMessage("*READ COMMITTED*");
        (await database.Store.GetHeadAsync(Cancellation)).Highest.Should().Be(LogPosition.Start);
    }

    [Fact]
    public async Task However_many_tags_an_append_has_it_holds_few_locks_and_excludes_decisions()
    {
        await using var connection = await database.DataSource.OpenConnectionAsync(Cancellation);
        await using var transaction = await connection.BeginTransactionAsync(Cancellation);
        await database.Store.AppendAsync(
            Request("many-1", [.. Enumerable.Range(0, 2_000).Select(n => Tagged("seen", $"x:{n} y:{n}"))]), transaction, Cancellation);

        await using var count = new NpgsqlCommand("select count(*) from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()", connection);
        ((long)(await count.ExecuteScalarAsync(Cancellation))!).Should().BeLessThan(10);
        var query = new EventQuery(new EventQueryItem { Tags = ["y:1999"] });
        var decided = database.Store.AppendAsync(Under(query, DecisionPoint.Start, Tagged("seen", "z")), Cancellation);
        await database.Store.AppendAsync("plain-1", ExpectedVersion.NoStream, [Events.New()], Cancellation).WaitAsync(Patience, Cancellation);
        await Task.Delay(LongEnoughToSee, Cancellation);
        decided.IsCompleted.Should().BeFalse();
        await transaction.CommitAsync(Cancellation);
        await FluentActions.Awaiting(() => decided.WaitAsync(Patience, Cancellation)).Should().ThrowAsync<ConcurrencyConflictException>();
    }

    [Fact]
    public async Task A_condition_on_more_than_has_keys_of_its_own_excludes_every_append()
    {
        var items = Enumerable.Range(0, EventQuery.MaxItems)
            .Select(item => new EventQueryItem { Types = [.. Enumerable.Range(0, 10).Select(n => $"type-{item}-{n}")] });
        var query = new EventQuery([.. items]);
        await using var connection = await database.DataSource.OpenConnectionAsync(Cancellation);
        await using var transaction = await connection.BeginTransactionAsync(Cancellation);
        await database.Store.AppendAsync(Under(query, DecisionPoint.Start, Tagged("seen", "a")), transaction, Cancellation);

        var other = database.Store.AppendAsync("plain-1", ExpectedVersion.NoStream, [Events.New()], Cancellation);
        await Task.Delay(LongEnoughToSee, Cancellation);
        other.IsCompleted.Should().BeFalse();
        await transaction.CommitAsync(Cancellation);
        await other.WaitAsync(Patience, Cancellation);
    }

    [Fact]
    public async Task What_is_imported_has_its_tags_and_is_waited_for_by_decisions()
    {
        var query = new EventQuery(new EventQueryItem { Tags = ["imported:7777"] });
        var read = await database.Store.QueryAsync(query, Cancellation);
        var begun = new TaskCompletionSource();
        var go = new TaskCompletionSource();
        var import = database.Store.ImportAsync(Parts(), cancellationToken: Cancellation);
        await begun.Task.WaitAsync(Patience, Cancellation);

        // Decisions all along the import: none may be stored after an event that it has not seen.
        var decisions = Enumerable.Range(0, 20).Select(n => Task.Run(async () =>
        {
            try
            {
                return (await database.Store.AppendAsync(Under(query, read.Point, Tagged("decided", $"own:{n}")), Cancellation)).Position.Value;
            }
            catch (ConcurrencyConflictException)
            {
                return 0;
            }
        })).ToList();
        go.SetResult();
        (await import).Stored.Should().Be(25_000);
        var decided = await Task.WhenAll(decisions).WaitAsync(Patience, Cancellation);

        var found = (await database.Store.QueryAsync(query, Cancellation)).Events;
        found.Should().ContainSingle().Which.Tags.Should().Equal("imported:7777", "all");
        decided.Should().OnlyContain(position => position < found[0].Position.Value);
        await FluentActions.Awaiting(() => database.Store.AppendAsync(Under(query, read.Point, Tagged("decided", "late")), Cancellation))
            .Should().ThrowAsync<ConcurrencyConflictException>();

        async IAsyncEnumerable<StreamAppend> Parts()
        {
            for (var part = 0; part < 25; part++)
            {
                yield return new StreamAppend(
                    $"imported-{part}", ExpectedVersion.NoStream, [.. Enumerable.Range(part * 1_000, 1_000).Select(n => Tagged("seen", $"imported:{n} all"))]);
                if (part == 5)
                {
                    begun.SetResult();
                    await go.Task;
                }
            }
        }
    }

    [Fact]
    public async Task A_log_from_before_there_were_tags_is_brought_forward()
    {
        await database.ExecuteAsync(
            """
            drop view {schema}.log;
            drop table {schema}.event_tags, {schema}.archived_events;
            alter table {schema}.events drop column tags, drop column hash;
            drop function {schema}.find_events, {schema}.unseen_event;
            update {schema}.schema_version set version = 3;
            """);
        await database.ExecuteAsync(
            """
            insert into {schema}.streams (bucket, name, version) values ({schema}.stream_bucket('old-1'), 'old-1', 1);
            insert into {schema}.events (position, bucket, stream_id, version, stream_name, event_id, category, type, data)
            select nextval('{schema}.event_position'), bucket, stream_id, 1, name, gen_random_uuid(), 'old', 'seen', '{}' from {schema}.streams;
            """);

        await database.Store.Schema.InstallAsync(Cancellation);

        await database.Store.AppendAsync(Request("new-1", Tagged("seen", "a")), Cancellation);
        var log = await database.Store.ReadAllAsync(cancellationToken: Cancellation).ToListAsync(Cancellation);
        log.Select(recorded => string.Join(' ', recorded.Tags)).Should().Equal("", "a");
        var found = await database.Store.QueryAsync(new EventQuery(new EventQueryItem { Tags = ["a"] }), Cancellation);
        found.Events.Should().ContainSingle().Which.Stream.Should().Be(new StreamName("new-1"));
    }

    private static EventData Tagged(string type, string tags) =>
        new(Guid.CreateVersion7(), type, Encoding.UTF8.GetBytes("{}"), tags: [.. tags.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(tag => new Tag(tag))]);

    private static AppendRequest Request(string stream, params EventData[] events) => new(new StreamAppend(stream, ExpectedVersion.NoStream, events));

    private static AppendRequest Under(EventQuery query, DecisionPoint point, EventData data) =>
        new(new StreamAppend($"decision-{data.Id}", ExpectedVersion.NoStream, [data])) { Condition = new AppendCondition(query, point) };
}
