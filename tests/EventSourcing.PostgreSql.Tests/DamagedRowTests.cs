namespace EventSourcing.PostgreSql;

/// <summary>Rows that the library never writes, because somebody else has written to its tables: told with their place, never gone past.</summary>
public sealed class DamagedRowTests
{
    private static readonly EventSerializer Serializer = new(new EventTypeRegistry().Add<Noted>());

    private static readonly ConsumerOptions Quick = new()
    {
        FirstRetryDelay = TimeSpan.FromMilliseconds(1), LongestRetryDelay = TimeSpan.FromMilliseconds(2), MaxAttempts = 2,
    };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("stream_name = ''")]
    [InlineData("stream_name = '-x'")]
    [InlineData("stream_name = repeat('x', 501)")]
    [InlineData("version = -1")]
    [InlineData("recorded_at = '0044-03-15 12:00 BC'")]
    public async Task A_row_of_the_log_is_named_by_its_position(string damage)
    {
        await using var database = await NotedAsync(3);
        await database.ExecuteAsync($"update {{schema}}.events set {damage} where position = 2");

        var damaged = await FluentActions.Awaiting(() => database.NewStore().ReadAllAsync(cancellationToken: Cancellation).ToListAsync(Cancellation).AsTask())
            .Should().ThrowAsync<DamagedDataException>().WithMessage("The event at position 2*");
        damaged.Which.Position.Should().Be(new LogPosition(2));

        var views = new PostgreSqlViewStore(database.NewStore(), Serializer);
        var runner = new ProjectionRunner(
            database.NewStore(), Serializer, [views.Bind(new Notes())], Quick with { OnPoison = PoisonAction.Park }, new PostgreSqlConsumerStore(database.Store), new PostgreSqlDeadLetterStore(database.Store));
        var failed = await FluentActions.Awaiting(() => runner.CatchUpAsync(Cancellation)).Should().ThrowAsync<ConsumerFailedException>();
        failed.Which.InnerException.Should().BeOfType<DamagedDataException>();
    }

    [Fact]
    public async Task An_empty_type_name_is_read_as_one_and_known_to_nobody()
    {
        await using var database = await NotedAsync(1);
        await database.ExecuteAsync("update {schema}.events set type = ''");

        (await database.Store.ReadStreamAsync("note-1", cancellationToken: Cancellation).ToListAsync(Cancellation)).Should().ContainSingle().Which.Type.Should().BeEmpty();
        await FluentActions.Awaiting(() => new Repository(database.Store, Serializer).LoadAsync("note-1", new Fold<int>(() => 0, (sum, _) => sum + 1), Cancellation))
            .Should().ThrowAsync<UnknownEventTypeException>();
    }

    [Theory]
    [InlineData("0, 0, 5")]
    [InlineData("2, 2, 5")]
    [InlineData("0, 1, -5")]
    public async Task A_row_of_a_consumer_is_named(string shardShardsPosition)
    {
        await using var database = await NotedAsync(1);
        await AddConsumerAsync(database, "other", shardShardsPosition, "Live");

        await FluentActions.Awaiting(() => new PostgreSqlConsumerStore(database.Store).ReadAsync(cancellationToken: Cancellation))
            .Should().ThrowAsync<DamagedDataException>().WithMessage("The row of 'other'*");
    }

    [Fact]
    public async Task A_state_that_only_a_newer_version_knows_keeps_nobody_from_running()
    {
        await using var database = await NotedAsync(1);
        await AddConsumerAsync(database, "other", "0, 1, 5", "Hovering");
        var consumers = new PostgreSqlConsumerStore(database.Store);

        await new ProjectionRunner(database.Store, Serializer, [new PostgreSqlViewStore(database.Store, Serializer).Bind(new Notes())], Quick, consumers).CatchUpAsync(Cancellation);

        var row = (await consumers.ReadAsync("other", Cancellation)).Rows.Should().ContainSingle().Which;
        row.State.Should().Be(ConsumerState.Stopped);
        row.Error.Should().Contain("'Hovering'");
    }

    [Fact]
    public async Task A_dead_letter_and_a_message_in_the_outbox_are_named()
    {
        await using var database = await NotedAsync(1);
        await database.ExecuteAsync(
            """
            insert into {schema}.dead_letters (consumer, generation, position, event_id, stream_name, type, error, attempts)
            values ('notes', 1, 7, gen_random_uuid(), '', 't', 'e', 1);
            insert into {schema}.outbox (message_id, topic, type, body, occurred_at, headers, parked_at, error, attempts)
            values (gen_random_uuid(), 'topic', 'type', '{}', '2026-01-01T00:00:00.0000000+00:00', '[]', now(), 'e', 1);
            """);

        await FluentActions.Awaiting(() => new PostgreSqlDeadLetterStore(database.Store).ListAsync("notes", Cancellation))
            .Should().ThrowAsync<DamagedDataException>().WithMessage("The dead letter of 'notes' at position 7*");
        await FluentActions.Awaiting(() => new PostgreSqlOutbox(database.Store).ReadParkedAsync(9, Cancellation))
            .Should().ThrowAsync<DamagedDataException>().WithMessage("*number 1 in the outbox*");
    }

    [Fact]
    public async Task A_reactor_whose_messages_cannot_be_read_fails_instead_of_standing_still()
    {
        await using var database = await NotedAsync(1);
        await database.ExecuteAsync(
            """
            insert into {schema}.scheduled_messages (reactor, key, id, bucket, stream_name, version, position, type, data, due_at, next_at)
            values ('reminders', 'odd', gen_random_uuid(), 1, '', 1, 1, 'noted', '{}', now(), now())
            """);
        var runner = new ReactorRunner(
            database.Store,
            Serializer,
            [new Reminders()],
            new PostgreSqlReactorStore(database.Store),
            new PostgreSqlConsumerStore(database.Store),
            new PostgreSqlDeadLetterStore(database.Store),
            options: Quick);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        stop.CancelAfter(TimeSpan.FromSeconds(60));
        var running = runner.RunAsync(stop.Token);

        while (await runner.GetStatusAsync(stop.Token) is not [{ State: ConsumerState.Failed }])
        {
            await Task.Delay(10, stop.Token);
        }

        (await runner.GetStatusAsync(Cancellation)).Should().ContainSingle().Which.Error.Should().Contain("The message 'odd' that 'reminders' has scheduled");
        await stop.CancelAsync();
        await FluentActions.Awaiting(() => running).Should().ThrowAsync<ConsumerFailedException>();
    }

    [Fact]
    public async Task A_view_of_a_stream_with_a_hole_is_not_folded_live()
    {
        await using var database = await NotedAsync(3);
        await database.ExecuteAsync("delete from {schema}.events where version = 2");

        await FluentActions.Awaiting(() => new LiveViews(database.NewStore(), Serializer).FoldAsync(new Notes(), "note-1", cancellationToken: Cancellation))
            .Should().ThrowAsync<DamagedDataException>().WithMessage("*version 3, at position 3, where version 2 is due*");
    }

    private static async Task<TestDatabase> NotedAsync(int events)
    {
        var database = await TestDatabase.CreateAsync();
        await database.Store.AppendAsync(
            "note-1", ExpectedVersion.NoStream, [.. Enumerable.Range(1, events).Select(number => Serializer.Serialize(new Noted(number)))], Cancellation);
        return database;
    }

    private static Task AddConsumerAsync(TestDatabase database, string name, string shardShardsPosition, string state) => database.ExecuteAsync(
        $"insert into {{schema}}.consumers (name, generation, version, is_serving, epoch, shard, shards, position, state) values ('{name}', 1, 1, true, 1, {shardShardsPosition}, '{state}')");

    [EventType("noted")]
    private sealed record Noted(int Number);

    private sealed record Note(int Sum);

    private sealed class Notes : ViewProjection<Note>
    {
        public Notes()
            : base("notes") => On<Noted>((note, noted, _) => new Note((note?.Sum ?? 0) + noted.Number));
    }

    private sealed class Reminders : Reactor
    {
        public Reminders()
            : base("reminders", LogPosition.Start)
        {
            On<Noted>((_, _) => Task.CompletedTask);
            OnMessage<Noted>((_, _) => Task.CompletedTask);
        }
    }
}
