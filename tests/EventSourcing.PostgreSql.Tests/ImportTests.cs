using System.Text;
using Npgsql;

namespace EventSourcing.PostgreSql;

/// <summary>Bringing a history in by COPY: as if it had been appended, only faster.</summary>
public sealed class ImportTests(TestDatabase database) : IClassFixture<TestDatabase>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_imported_is_read_as_if_it_had_been_appended()
    {
        var category = NewCategory();
        await AppendAsync($"{category}-old", 0, 2);
        StreamAppend[] parts =
        [
            Part($"{category}-new", 0, 3),
            Part($"{category}-old", 2, 1),
            Part($"{category}-new", 3, 2),
            new($"{category}-ü🎉", ExpectedVersion.NoStream, [new EventData(Guid.CreateVersion7(), "übel", "\"\\u0000 ü\""u8.ToArray(), """{ "a":1 }"""u8.ToArray())]),
            new($"{category}-old", ExpectedVersion.At(3), []),
        ];
        var told = new List<ImportProgress>();

        var before = await HeadAsync();
        var result = await database.Store.ImportAsync(parts.ToAsyncEnumerable(), new Direct(told.Add), Cancellation);

        result.Should().Be(new ImportProgress(7, 0, 1, new LogPosition(await HeadAsync())));
        told.Should().Equal(result);
        var log = await database.Store.ReadAllAsync(new LogReadOptions { After = new LogPosition(before) }, Cancellation).ToListAsync(Cancellation);
        log.Select(Describe).Should().Equal(parts.SelectMany(part => part.Events.Select((data, i) => Describe(part, data, i))));
        foreach (var (stream, versions) in new[] { ("new", 5), ("old", 3), ("ü🎉", 1) })
        {
            var events = await database.Store.ReadStreamAsync($"{category}-{stream}", cancellationToken: Cancellation).ToListAsync(Cancellation);
            events.Select(recorded => recorded.Version.Value).Should().Equal(Enumerable.Range(1, versions).Select(n => (long)n));
            await AppendAsync($"{category}-{stream}", versions, 1);
        }
    }

    [Fact]
    public async Task Many_batches_stand_in_the_log_in_the_order_given()
    {
        // In turns what takes long to begin and what does not: were it left to chance who is first, it would not be the order.
        var category = NewCategory();
        var parts = new List<StreamAppend>();
        for (var batch = 0; batch < 8; batch++)
        {
            parts.AddRange(batch % 2 == 0
                ? Enumerable.Range(0, 10_000).Select(n => Part($"{category}-{batch}-{n}", 0, 1))
                : [Part($"{category}-long", batch / 2 * 10_000, 10_000)]);
        }

        var before = await HeadAsync();
        var result = await database.Store.ImportAsync(parts.ToAsyncEnumerable(), cancellationToken: Cancellation);

        result.Should().Be(new ImportProgress(80_000, 0, 8, new LogPosition(await HeadAsync())));
        var log = await database.Store.ReadAllAsync(new LogReadOptions { After = new LogPosition(before) }, Cancellation).Select(recorded => recorded.Id).ToListAsync(Cancellation);
        log.SequenceEqual(parts.SelectMany(part => part.Events).Select(data => data.Id)).Should().BeTrue();
    }

    [Fact]
    public async Task An_import_that_was_broken_off_is_run_again()
    {
        var category = NewCategory();
        var parts = Enumerable.Range(0, 90).Select(i => Part($"{category}-{i % 30}", i / 30 * 400, 400)).ToList();
        using var stop = new CancellationTokenSource();
        ImportProgress? first = null;
        var broken = () => database.Store.ImportAsync(
            parts.ToAsyncEnumerable(),
            new Direct(reached =>
            {
                first = reached;
                stop.Cancel();
            }),
            stop.Token);
        await broken.Should().ThrowAsync<OperationCanceledException>();
        (await CountAsync(category)).Should().Be(first!.Stored).And.BeInRange(9_000, 20_000);

        var second = await database.Store.ImportAsync(parts.ToAsyncEnumerable(), cancellationToken: Cancellation);
        var third = await database.Store.ImportAsync(parts.ToAsyncEnumerable(), cancellationToken: Cancellation);

        (second.Stored, second.AlreadyStored).Should().Be((36_000 - first.Stored, first.Stored));
        (third.Stored, third.AlreadyStored, third.Position).Should().Be((0, 36_000, LogPosition.Start));
        (await WholeAsync(category)).Should().Be((36_000, 30));
    }

    [Fact]
    public async Task A_lost_connection_loses_and_repeats_nothing()
    {
        var category = NewCategory();
        var settings = new NpgsqlConnectionStringBuilder(database.ConnectionString) { ApplicationName = category };
        await using var dataSource = NpgsqlDataSource.Create(settings.ConnectionString);
        await using var store = new PostgreSqlEventStore(dataSource, new PostgreSqlOptions { Schema = database.SchemaName, MaxAttempts = 20 });
        using var done = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var killed = 0L;
        var killing = Task.Run(async () =>
        {
            while (!done.IsCancellationRequested && killed < 6)
            {
                await Task.Delay(60, Cancellation);
                killed += await database.ScalarAsync<long>($"select count(pg_terminate_backend(pid)) from pg_stat_activity where application_name = '{category}' and state <> 'idle'");
            }
        });

        var result = await store.ImportAsync(Enumerable.Range(0, 300).Select(i => Part($"{category}-{i % 30}", i / 30 * 400, 400)).ToAsyncEnumerable(), cancellationToken: Cancellation);
        await done.CancelAsync();
        await killing;

        killed.Should().BePositive();
        (result.Stored + result.AlreadyStored).Should().Be(120_000);
        (await WholeAsync(category)).Should().Be((120_000, 30));
    }

    [Fact]
    public async Task A_conflict_names_all_and_changes_nothing_of_its_batch()
    {
        var category = NewCategory();
        await AppendAsync($"{category}-a", 0, 2);
        var head = await HeadAsync();
        var import = () => database.Store.ImportAsync(
            new[] { Part($"{category}-b", 0, 1), Part($"{category}-a", 1, 1), Part($"{category}-c", 5, 1), Part($"{category}-a", 2, 1) }.ToAsyncEnumerable(), cancellationToken: Cancellation);

        var conflict = (await import.Should().ThrowAsync<ConcurrencyConflictException>()).Which;

        // The second part for `a` begins where the first would have ended: it is in the same batch, and fits.
        conflict.Conflicts.Should().Equal(
            new VersionConflict($"{category}-a", ExpectedVersion.At(1), new StreamVersion(2)),
            new VersionConflict($"{category}-c", ExpectedVersion.At(5), StreamVersion.None));
        (await HeadAsync()).Should().Be(head);
        (await CountAsync(category)).Should().Be(2);
        (await database.ScalarAsync<long>($"select count(*) from {{schema}}.streams where name like '{category}-%'")).Should().Be(1);
    }

    [Fact]
    public async Task The_same_part_twice_in_one_input_is_stored_once()
    {
        var category = NewCategory();
        var part = Part($"{category}-a", 0, 3);

        var result = await database.Store.ImportAsync(new[] { part, part, Part($"{category}-a", 3, 1) }.ToAsyncEnumerable(), cancellationToken: Cancellation);

        (result.Stored, result.AlreadyStored).Should().Be((4, 3));
        (await WholeAsync(category)).Should().Be((4, 1));
    }

    [Fact]
    public async Task A_part_that_is_too_long_for_a_batch_is_divided()
    {
        var category = NewCategory();
        var part = Part($"{category}-a", 0, 25_000);

        var result = await database.Store.ImportAsync(new[] { part }.ToAsyncEnumerable(), cancellationToken: Cancellation);

        (result.Stored, result.Batches).Should().Be((25_000, 3));
        (await WholeAsync(category)).Should().Be((25_000, 1));
    }

    [Fact]
    public async Task Bad_input_is_refused()
    {
        var category = NewCategory();
        await using var small = database.NewStore(maxEventBytes: 1_000);
        foreach (var (bad, exception) in new (StreamAppend?, Type)[]
        {
            (null, typeof(ArgumentNullException)),
            (new StreamAppend($"{category}-x", ExpectedVersion.Any, [Events.New()]), typeof(ArgumentException)),
            (new StreamAppend($"{category}-x", ExpectedVersion.StreamExists, [Events.New()]), typeof(ArgumentException)),
            (new StreamAppend($"{category}-x", ExpectedVersion.NoStream, [new EventData(Guid.NewGuid(), "a", Encoding.UTF8.GetBytes($"\"{new string('x', 1_000)}\""))]), typeof(ArgumentException)),
        })
        {
            var thrown = await FluentActions.Awaiting(() => small.ImportAsync(new[] { Part($"{category}-a", 0, 1), bad! }.ToAsyncEnumerable(), cancellationToken: Cancellation))
                .Should().ThrowAsync<ArgumentException>();
            thrown.Which.Should().BeOfType(exception);
        }

        await FluentActions.Awaiting(() => small.ImportAsync(null!, cancellationToken: Cancellation)).Should().ThrowAsync<ArgumentNullException>();
        (await small.ImportAsync(AsyncEnumerable.Empty<StreamAppend>(), cancellationToken: Cancellation)).Should().Be(new ImportProgress(0, 0, 0, LogPosition.Start));
        (await CountAsync(category)).Should().Be(0);
    }

    [Fact]
    public async Task Beside_appends_and_other_imports_nobody_deadlocks_and_a_subscriber_misses_nothing()
    {
        await using var own = await TestDatabase.CreateAsync();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var seen = new List<long>();
        var subscriber = own.NewStore();
        var subscribing = Task.Run(async () =>
        {
            await foreach (var message in subscriber.SubscribeAsync(new SubscriptionOptions { PageSize = 200 }, stop.Token))
            {
                if (message is EventReceived received)
                {
                    seen.Add(received.Event.Position.Value);
                }
            }
        });

        // Two imports over the same streams in opposite orders: of each stream one of them takes the odd parts, one the even.
        var streams = Enumerable.Range(0, 40).ToArray();
        var imports = new[] { false, true }.Select(isBackwards => Task.Run(async () =>
        {
            // One attempt: a deadlock would show.
            var store = own.NewStore(options => options.MaxAttempts = 1);
            for (var round = 0; round < 8; round++)
            {
                var parts = streams.Select(i => Part($"import-{(isBackwards ? streams.Length - 1 - i : i)}-{isBackwards}-{round}", 0, 30))
                    .Concat(streams.Select(i => Part($"both-{(isBackwards ? streams.Length - 1 - i : i)}", round * 5, 5)));
                foreach (var batch in parts.Chunk(40))
                {
                    try
                    {
                        await store.ImportAsync(batch.ToAsyncEnumerable(), cancellationToken: Cancellation);
                    }
                    catch (ConcurrencyConflictException)
                    {
                        // The other was first.
                    }
                }
            }
        }));
        var appends = Enumerable.Range(0, 8).Select(writer => Task.Run(async () =>
        {
            var store = own.NewStore();
            for (var i = 0; i < 150; i++)
            {
                await store.AppendAsync($"both-{(writer + i) % streams.Length}x", ExpectedVersion.Any, [Events.New()], Cancellation);
            }
        }));
        await Task.WhenAll(imports.Concat(appends)).WaitAsync(Patience, Cancellation);

        var count = await own.ScalarAsync<long>("select count(*) from {schema}.events");
        var until = DateTime.UtcNow + Patience;
        while (seen.Count < count && DateTime.UtcNow < until)
        {
            await Task.Delay(10, Cancellation);
        }

        await stop.CancelAsync();
        await FluentActions.Awaiting(() => subscribing).Should().ThrowAsync<OperationCanceledException>();
        count.Should().BeGreaterThan((2 * 8 * 40 * 30) + 1_200);
        seen.Should().HaveCount((int)count).And.BeInAscendingOrder().And.OnlyHaveUniqueItems();
        (await own.ScalarAsync<long>("select count(*) from {schema}.streams s where version <> (select count(*) from {schema}.events e where e.stream_name = s.name)")).Should().Be(0);
    }

    [Fact]
    public async Task Two_imports_of_the_same_streams_in_opposite_orders_do_not_deadlock()
    {
        var category = NewCategory();
        var stores = new[] { database.NewStore(options => options.MaxAttempts = 1), database.NewStore(options => options.MaxAttempts = 1) };
        for (var round = 0; round < 40; round++)
        {
            var names = Enumerable.Range(0, 200).Select(i => $"{category}-{i}{(round % 2 == 0 ? $"-{round}" : "")}").ToArray();
            var expected = round % 2 == 0 ? 0 : round / 2;
            var stored = await Task.WhenAll(stores.Select((store, i) => Task.Run(async () =>
            {
                try
                {
                    var parts = (i == 0 ? names : names.Reverse()).Select(name => Part(name, expected, 1));
                    return (await store.ImportAsync(parts.ToAsyncEnumerable(), cancellationToken: Cancellation)).Stored;
                }
                catch (ConcurrencyConflictException)
                {
                    return 0;
                }
            }))).WaitAsync(Patience, Cancellation);

            stored.Order().Should().Equal(0, 200);
        }
    }

    [Fact]
    public async Task A_reader_waits_for_a_batch_that_has_positions()
    {
        await using var own = await TestDatabase.CreateAsync();
        await using var blocker = await own.DataSource.OpenConnectionAsync(Cancellation);
        await using var blocking = await blocker.BeginTransactionAsync(Cancellation);

        // The batch has its positions and then meets this: the trigger waits for a lock that the blocker holds.
        await own.ExecuteAsync(
            """
            create function {schema}.wait() returns trigger language plpgsql as 'begin perform pg_advisory_xact_lock(42424242); return new; end';
            create trigger wait before insert on {schema}.events for each row when (new.category = 'slow') execute function {schema}.wait();
            """);
        await using (var hold = new NpgsqlCommand("select pg_advisory_xact_lock(42424242)", blocker, blocking))
        {
            await hold.ExecuteNonQueryAsync(Cancellation);
        }

        var importing = own.Store.ImportAsync(new[] { Part("slow-1", 0, 3) }.ToAsyncEnumerable(), cancellationToken: Cancellation);
        while (await own.ScalarAsync<long>("select count(*) from pg_locks where locktype = 'advisory' and not granted and objid = 42424242") == 0)
        {
            importing.IsCompleted.Should().BeFalse();
        }

        var after = await own.NewStore().AppendAsync("fast-1", ExpectedVersion.NoStream, [Events.New()], Cancellation);
        var reader = own.NewStore();
        (await reader.GetHeadAsync(Cancellation)).Should().Be(new LogHead(LogPosition.Start, after.Position));
        await blocking.CommitAsync(Cancellation);
        await importing;

        (await reader.ReadAllAsync(cancellationToken: Cancellation).Select(recorded => recorded.Stream.Value).ToListAsync(Cancellation))
            .Should().Equal("slow-1", "slow-1", "slow-1", "fast-1");
    }

    private static string NewCategory() => $"import{Guid.NewGuid():N}";

    private static StreamAppend Part(string stream, long expected, int events) =>
        new(stream, ExpectedVersion.At(expected), [.. Enumerable.Range(0, events).Select(_ => Events.New())]);

    private static (string, string, Guid, string, string) Describe(RecordedEvent recorded) => (
        $"{recorded.Stream}@{recorded.Version}", recorded.Type, recorded.Id, Encoding.UTF8.GetString(recorded.Data.Span), Encoding.UTF8.GetString(recorded.Metadata.Span));

    private static (string, string, Guid, string, string) Describe(StreamAppend part, EventData data, int i) => (
        $"{part.Stream}@{part.Expected.Version.Add(i + 1)}", data.Type, data.Id, Encoding.UTF8.GetString(data.Data.Span), Encoding.UTF8.GetString(data.Metadata.Span));

    private Task<AppendResult> AppendAsync(string stream, long expected, int events) =>
        database.Store.AppendAsync(new AppendRequest(Part(stream, expected, events)), Cancellation);

    private async Task<long> HeadAsync() => (await database.Store.GetHeadAsync(Cancellation)).Final.Value;

    private Task<long> CountAsync(string category) =>
        database.ScalarAsync<long>($"select count(*) from {{schema}}.events where category = '{category}'");

    /// <summary>How many events there are, and in how many streams of which each holds just the versions that it is said to.</summary>
    private async Task<(long Events, long Streams)> WholeAsync(string category) => (
        await CountAsync(category),
        await database.ScalarAsync<long>(
            $"""
            select count(*) from {database.SchemaName}.streams s
            where name like '{category}-%' and version = (select count(*) from {database.SchemaName}.events e where e.stream_name = s.name)
              and version = (select max(e.version) from {database.SchemaName}.events e where e.stream_name = s.name)
            """));

    private sealed class Direct(Action<ImportProgress> tell) : IProgress<ImportProgress>
    {
        public void Report(ImportProgress value) => tell(value);
    }
}
