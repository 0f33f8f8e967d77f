namespace EventSourcing.PostgreSql;

/// <summary>Concurrent appends share statements and commits, and still each stands for itself.</summary>
public sealed class CoalescedAppendTests(TestDatabase database) : IClassFixture<TestDatabase>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_append_of_a_crowd_succeeds_conflicts_or_is_recognised_by_itself()
    {
        var category = NewCategory();
        var repeated = Events.New();
        await database.Store.AppendAsync($"{category}-repeated", ExpectedVersion.NoStream, [repeated], Cancellation);
        await database.Store.AppendAsync($"{category}-taken", ExpectedVersion.NoStream, [Events.New()], Cancellation);

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 400).Select(i => Task.Run(() => OutcomeAsync((i % 4) switch
        {
            0 => Events.To($"{category}-{i}", ExpectedVersion.NoStream, Events.New(), Events.New()),
            1 => Events.To($"{category}-taken", ExpectedVersion.NoStream, Events.New()),
            2 => Events.To($"{category}-repeated", ExpectedVersion.NoStream, repeated),
            _ => Events.To($"{category}-{i}", ExpectedVersion.At(5), Events.New()),
        })))).WaitAsync(Patience, Cancellation);

        outcomes.CountBy(outcome => outcome).ToDictionary().Should().BeEquivalentTo(new Dictionary<string, int>
        {
            ["stored 2"] = 100, ["conflict at 1"] = 100, ["repeated 1"] = 100, ["conflict at 0"] = 100,
        });
        (await CountAsync(category)).Should().Be(202);
    }

    [Fact]
    public async Task A_stream_that_somebody_has_locked_holds_up_no_other()
    {
        var category = NewCategory();
        await using var connection = await database.DataSource.OpenConnectionAsync(Cancellation);
        await using var transaction = await connection.BeginTransactionAsync(Cancellation);
        await database.Store.AppendAsync(Events.To($"{category}-locked", ExpectedVersion.Any, Events.New()), transaction, Cancellation);

        var blocked = Enumerable.Range(0, 10).Select(_ => AppendAsync($"{category}-locked")).ToArray();
        await Task.WhenAll(Enumerable.Range(0, 200).Select(i => AppendAsync($"{category}-{i}"))).WaitAsync(Patience, Cancellation);
        blocked.Should().OnlyContain(append => !append.IsCompleted);
        await transaction.CommitAsync(Cancellation);

        await Task.WhenAll(blocked).WaitAsync(Patience, Cancellation);
        (await CountAsync(category)).Should().Be(211);
    }

    [Fact]
    public async Task A_caller_who_gives_up_harms_no_neighbour()
    {
        var category = NewCategory();
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 300).Select(i => Task.Run(async () =>
        {
            using var giveUp = new CancellationTokenSource();
            var append = database.Store.AppendAsync($"{category}-{i}", ExpectedVersion.NoStream, [Events.New(), Events.New()], i % 3 == 0 ? giveUp.Token : Cancellation);
            await giveUp.CancelAsync();
            try
            {
                await append;
                return true;
            }
            catch (OperationCanceledException) when (i % 3 == 0)
            {
                return false;
            }
        }))).WaitAsync(Patience, Cancellation);

        for (var i = 0; i < outcomes.Length; i++)
        {
            // Who gave up does not know; who did not was answered. Either way it is whole.
            var count = await database.Store.ReadStreamAsync($"{category}-{i}", cancellationToken: Cancellation).CountAsync(Cancellation);
            count.Should().BeOneOf(outcomes[i] ? [2] : [0, 2]);
        }
    }

    [Fact]
    public async Task Disposing_lets_what_was_taken_end_and_takes_no_more()
    {
        var category = NewCategory();
        var store = database.NewStore();
        var appends = Enumerable.Range(0, 500)
            .Select(i => store.AppendAsync($"{category}-{i}", ExpectedVersion.NoStream, [Events.New()], Cancellation))
            .ToArray();

        await store.DisposeAsync();

        appends.Should().OnlyContain(append => append.IsCompletedSuccessfully);
        (await CountAsync(category)).Should().Be(500);
        await FluentActions.Awaiting(() => store.AppendAsync($"{category}-late", ExpectedVersion.NoStream, [Events.New()], Cancellation))
            .Should().ThrowAsync<ObjectDisposedException>();
    }

    [Fact]
    public async Task Appends_that_the_server_rejects_fail_alone()
    {
        var category = NewCategory();
        await database.ExecuteAsync($"alter table {{schema}}.events add constraint no_poison check (category <> '{category}' or type <> 'poison')");

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => Task.Run(async () =>
        {
            try
            {
                await database.Store.AppendAsync($"{category}-{i}", ExpectedVersion.NoStream, [Events.New(i % 20 == 0 ? "poison" : "happened")], Cancellation);
                return true;
            }
            catch (Npgsql.PostgresException rejected) when (rejected.SqlState == Npgsql.PostgresErrorCodes.CheckViolation)
            {
                return false;
            }
        }))).WaitAsync(Patience, Cancellation);

        outcomes.Select((isStored, i) => (isStored, i)).Should().OnlyContain(outcome => outcome.isStored == (outcome.i % 20 != 0));
        (await CountAsync(category)).Should().Be(190);
    }

    [Fact]
    public async Task Several_processes_with_crowds_on_the_same_streams_do_not_deadlock()
    {
        var category = NewCategory();
        var stores = Enumerable.Range(0, 3).Select(_ => database.NewStore()).ToArray();

        await Task.WhenAll(Enumerable.Range(0, 900).Select(i => Task.Run(() =>
            stores[i % 3].AppendAsync($"{category}-{i % 30}", ExpectedVersion.Any, [Events.New()], Cancellation)))).WaitAsync(Patience, Cancellation);

        (await CountAsync(category)).Should().Be(900);
        (await database.ScalarAsync<long>($"select count(*) from {{schema}}.streams where name like '{category}-%' and version = 30")).Should().Be(30);
    }

    [Fact]
    public async Task A_batch_that_a_deadlock_ended_is_run_again_whole()
    {
        var category = NewCategory();
        var streams = Enumerable.Range(0, 10).Select(i => $"{category}-{i}").OrderBy(name => StreamBucket.Of(name)).ToArray();
        foreach (var stream in streams.Append($"{category}-x").Append($"{category}-y"))
        {
            await AppendAsync(stream);
        }

        // A batch takes its locks in the order of the buckets; this transaction has the last of them and then asks for the first.
        await using var connection = await database.DataSource.OpenConnectionAsync(Cancellation);
        await using var transaction = await connection.BeginTransactionAsync(Cancellation);
        Task LockAsync(string[] names) => new Npgsql.NpgsqlCommand(
            $"set local deadlock_timeout = '1min'; select from {database.SchemaName}.streams where name in ('{string.Join("','", names)}') for update", connection, transaction)
            .ExecuteNonQueryAsync(Cancellation);
        await LockAsync([streams[^1], $"{category}-x", $"{category}-y"]);
        var settings = new Npgsql.NpgsqlConnectionStringBuilder(database.ConnectionString) { Options = "-c deadlock_timeout=50ms", ApplicationName = category };
        await using var dataSource = Npgsql.NpgsqlDataSource.Create(settings.ConnectionString);
        await using var store = new PostgreSqlEventStore(dataSource, new PostgreSqlOptions { Schema = database.SchemaName });

        // Two that wait for a lock keep both lanes busy until the others have come together.
        var appends = new[] { $"{category}-x", $"{category}-y" }.Concat(streams)
            .Select(stream => store.AppendAsync(stream, ExpectedVersion.At(1), [Events.New()], Cancellation))
            .ToArray();
        while (await database.ScalarAsync<long>($"select count(*) from pg_stat_activity where application_name = '{category}' and wait_event_type = 'Lock' and query like '%append_batch%'") == 0)
        {
            Cancellation.ThrowIfCancellationRequested();
        }

        await LockAsync([streams[0]]);
        await transaction.CommitAsync(Cancellation);
        await Task.WhenAll(appends).WaitAsync(Patience, Cancellation);

        // One transaction has stored them all.
        (await database.ScalarAsync<long>($"select count(distinct xmin::text) from {{schema}}.events where version = 2 and stream_name in ('{string.Join("','", streams)}')"))
            .Should().Be(1);
    }

    [Fact]
    public async Task A_pool_of_two_connections_is_enough()
    {
        var category = NewCategory();
        var settings = new Npgsql.NpgsqlConnectionStringBuilder(database.ConnectionString) { MaxPoolSize = 2, Timeout = 5 };
        await using var dataSource = Npgsql.NpgsqlDataSource.Create(settings.ConnectionString);
        await using var store = new PostgreSqlEventStore(dataSource, new PostgreSqlOptions { Schema = database.SchemaName });

        // Writers that keep coming for longer than a connection is waited for, half of them with conflicts.
        var until = DateTime.UtcNow.AddSeconds(6);
        var refused = 0;
        await Task.WhenAll(Enumerable.Range(0, 40).Select(writer => Task.Run(async () =>
        {
            for (var i = 0; DateTime.UtcNow < until; i++)
            {
                try
                {
                    await store.AppendAsync($"{category}-{writer / 2}", ExpectedVersion.At(i), [Events.New()], Cancellation);
                }
                catch (ConcurrencyConflictException)
                {
                    Interlocked.Increment(ref refused);
                }
            }
        }))).WaitAsync(Patience, Cancellation);

        refused.Should().BePositive();
    }

    [Fact]
    public async Task A_subscriber_of_another_process_sees_the_crowds_of_several_in_order_and_whole()
    {
        await using var own = await TestDatabase.CreateAsync();
        var stores = Enumerable.Range(0, 3).Select(_ => own.NewStore()).ToArray();
        const int Appends = 3_000;
        var subscriber = own.NewStore();
        var seen = new List<long>();
        var subscribing = Task.Run(
            async () =>
            {
                await foreach (var message in subscriber.SubscribeAsync(new SubscriptionOptions { PageSize = 50 }, Cancellation))
                {
                    if (message is EventReceived received)
                    {
                        seen.Add(received.Event.Position.Value);
                        if (seen.Count == Appends * 2)
                        {
                            return;
                        }
                    }
                }
            },
            Cancellation);

        await Task.WhenAll(Enumerable.Range(0, Appends).Select(i => Task.Run(() =>
            stores[i % 3].AppendAsync($"order-{i}", ExpectedVersion.NoStream, [Events.New(), Events.New()], Cancellation))));
        await subscribing.WaitAsync(Patience, Cancellation);

        seen.Should().BeInAscendingOrder().And.OnlyHaveUniqueItems();
        (await own.ScalarAsync<long>("select count(*) from {schema}.events")).Should().Be(Appends * 2);
    }

    private static string NewCategory() => $"crowd{Guid.NewGuid():N}";

    private Task<AppendResult> AppendAsync(string stream) =>
        Task.Run(() => database.Store.AppendAsync(stream, ExpectedVersion.Any, [Events.New()], Cancellation), Cancellation);

    private Task<long> CountAsync(string category) =>
        database.ScalarAsync<long>($"select count(*) from {{schema}}.events where category = '{category}'");

    private async Task<string> OutcomeAsync(AppendRequest request)
    {
        try
        {
            var result = await database.Store.AppendAsync(request, Cancellation);
            return $"{(result.AlreadyStored ? "repeated" : "stored")} {result.Streams[0].Version}";
        }
        catch (ConcurrencyConflictException conflict)
        {
            return $"conflict at {conflict.Conflicts[0].Actual}";
        }
    }
}
