namespace EventSourcing.PostgreSql;

/// <summary>The database under a running process becomes an older one: restored from a backup, or a standby that was behind.</summary>
public sealed class ReplacedLogTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly EventSerializer Serializer = new(new EventTypeRegistry().Add<Counted>());

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>How many events there are afterwards, of five: fewer, as many, or more than before, at positions that were used before.</summary>
    public static TheoryData<int> Afterwards => [2, 5, 8];

    [Theory]
    [MemberData(nameof(Afterwards))]
    public async Task A_subscriber_is_told_of_it(int events)
    {
        await using var database = await TestDatabase.CreateAsync();
        await AppendAsync(database, 5);
        var (seen, live) = (0, new TaskCompletionSource());
        var subscribing = Task.Run(
            async () =>
            {
                await foreach (var message in database.Store.SubscribeAsync(cancellationToken: Cancellation))
                {
                    seen += message is EventReceived ? 1 : 0;
                    if (message is CaughtUp)
                    {
                        live.SetResult();
                    }
                }
            },
            Cancellation);
        await live.Task.WaitAsync(Patience, Cancellation);

        // Until it waits: what it does not know yet, it cannot be told is gone.
        await Task.Delay(500, Cancellation);

        await ReplaceAsync(database, events);

        await FluentActions.Awaiting(() => subscribing.WaitAsync(Patience)).Should().ThrowAsync<CheckpointAheadOfLogException>();
        seen.Should().Be(5);
        var anew = database.Store.ReadLogAsync(new LogReadOptions(), Cancellation);
        (await anew).Events.Should().HaveCount(events);
    }

    [Fact]
    public async Task A_projection_whose_read_model_was_replaced_with_the_log_goes_on_by_itself()
    {
        await using var database = await TestDatabase.CreateAsync();
        await AppendAsync(database, 2);
        var projection = new CountProjection(database.Store);
        var runner = new ProjectionRunner(database.Store, Serializer, [projection], consumers: new PostgreSqlConsumerStore(database.Store));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var running = runner.RunAsync(stop.Token);
        var last = await AppendAsync(database, 3);
        await runner.WaitForAsync("counts", last, Cancellation).WaitAsync(Patience, Cancellation);

        // The read model as it was then.
        await ReplaceAsync(database, 4, "update {schema}.consumers set position = 2; update {schema}_counts.counts set total = 2;");

        last = await AppendAsync(database, 1);
        await runner.WaitForAsync("counts", last, Cancellation).WaitAsync(Patience, Cancellation);
        (await projection.TotalAsync(database.DataSource)).Should().Be(5);
        await stop.CancelAsync();
        await running;
    }

    [Fact]
    public async Task A_projection_whose_read_model_is_ahead_of_the_log_fails_and_says_so()
    {
        await using var database = await TestDatabase.CreateAsync();
        await AppendAsync(database, 5);
        var runner = new ProjectionRunner(
            database.Store, Serializer, [new CountProjection(database.Store)], consumers: new PostgreSqlConsumerStore(database.Store));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var running = runner.RunAsync(stop.Token);
        await runner.WaitForAsync("counts", new LogPosition(5), Cancellation).WaitAsync(Patience, Cancellation);

        await ReplaceAsync(database, 2);

        while ((await runner.GetStatusAsync(Cancellation))[0] is not { State: ConsumerState.Failed })
        {
            await Task.Delay(20, Cancellation);
        }

        (await runner.GetStatusAsync(Cancellation))[0].Error.Should().Contain("beyond the head of the log");
        await stop.CancelAsync();
        await FluentActions.Awaiting(() => running).Should().ThrowAsync<ConsumerFailedException>();
    }

    private static async Task<LogPosition> AppendAsync(TestDatabase database, int count) =>
        (await database.Store.AppendAsync("count-1", ExpectedVersion.Any, [.. Enumerable.Range(0, count).Select(_ => Serializer.Serialize(new Counted(1)))], Cancellation)).Position;

    /// <summary>Two events of before stay; the others are others, at the same positions. At once, as behind an outage.</summary>
    private static async Task ReplaceAsync(TestDatabase database, int events, string also = "")
    {
        await using var connection = await database.DataSource.OpenConnectionAsync(Cancellation);
        await using var transaction = await connection.BeginTransactionAsync(Cancellation);
        var sql = "lock table {schema}.events in access exclusive mode; delete from {schema}.events where position > 2;"
            + "update {schema}.streams set version = 2; select setval('{schema}.event_position', 2);" + also;
        await using (var command = new Npgsql.NpgsqlCommand(sql.Replace("{schema}", database.SchemaName, StringComparison.Ordinal), connection, transaction))
        {
            await command.ExecuteNonQueryAsync(Cancellation);
        }

        if (events > 2)
        {
            var others = Enumerable.Range(0, events - 2).Select(_ => Serializer.Serialize(new Counted(1)));
            await database.NewStore().AppendAsync(Events.To("count-1", ExpectedVersion.At(2), [.. others]), transaction, Cancellation);
        }

        await transaction.CommitAsync(Cancellation);
    }
}
