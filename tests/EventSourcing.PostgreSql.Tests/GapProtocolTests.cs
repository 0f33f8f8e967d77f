using System.Collections.Concurrent;
using Npgsql;

namespace EventSourcing.PostgreSql;

/// <summary>No subscriber ever skips an event, and none waits longer than the append that it waits for.</summary>
public sealed class GapProtocolTests(TestDatabase database) : IClassFixture<TestDatabase>
{
    private const int Writers = 24;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_subscriber_sees_every_event_in_order_while_many_writers_dawdle_and_roll_back()
    {
        var (seen, stored) = await SubscribeWhileWritingAsync(isExact: true, atLeast: TimeSpan.FromSeconds(4));

        seen.Should().BeInAscendingOrder();
        seen.Should().Equal(stored, "each committed event is delivered once and none is skipped");
        stored.Should().HaveCountGreaterThan(200);
    }

    [Fact]
    public async Task Without_the_protocol_the_same_load_loses_events()
    {
        var (seen, stored) = await SubscribeWhileWritingAsync(isExact: false, atLeast: TimeSpan.FromSeconds(2));

        stored.Except(seen).Should().NotBeEmpty("this shows that the test above can fail");
    }

    [Fact]
    public async Task A_hole_left_by_a_rollback_is_passed_without_waiting()
    {
        await using var own = await TestDatabase.CreateAsync();
        await using (var connection = await own.DataSource.OpenConnectionAsync(Cancellation))
        {
            await using var transaction = await connection.BeginTransactionAsync(Cancellation);
            await own.Store.AppendAsync(Events.To("a-1", ExpectedVersion.Any, Events.New()), transaction, Cancellation);
            await transaction.RollbackAsync(Cancellation);
        }

        var appended = await own.Store.AppendAsync("b-1", ExpectedVersion.NoStream, [Events.New()], Cancellation);

        appended.Position.Should().Be(new LogPosition(2));
        (await own.Store.GetHeadAsync(Cancellation)).Final.Should().Be(new LogPosition(2));
    }

    [Fact]
    public async Task An_open_append_holds_back_what_was_committed_after_it_until_it_commits()
    {
        await using var own = await TestDatabase.CreateAsync();
        await using var connection = await own.DataSource.OpenConnectionAsync(Cancellation);
        await using var transaction = await connection.BeginTransactionAsync(Cancellation);
        await own.Store.AppendAsync(Events.To("a-1", ExpectedVersion.Any, Events.New()), transaction, Cancellation);
        await own.Store.AppendAsync("b-1", ExpectedVersion.NoStream, [Events.New()], Cancellation);

        (await own.Store.GetHeadAsync(Cancellation)).Final.Should().Be(LogPosition.Start);
        (await own.Store.ReadLogAsync(new LogReadOptions(), Cancellation)).Events.Should().BeEmpty();

        var waiting = own.Store.WaitForAppendAsync(LogPosition.Start, Cancellation);
        waiting.IsCompleted.Should().BeFalse();
        await transaction.CommitAsync(Cancellation);
        await waiting.WaitAsync(TimeSpan.FromSeconds(30), Cancellation);

        var events = await own.Store.ReadAllAsync(cancellationToken: Cancellation).ToListAsync(Cancellation);
        events.Select(recorded => recorded.Stream.Value).Should().Equal("a-1", "b-1");
    }

    [Fact]
    public async Task A_transaction_that_wrote_no_event_holds_nobody_back()
    {
        await using var own = await TestDatabase.CreateAsync();
        await using var connection = await own.DataSource.OpenConnectionAsync(Cancellation);
        await using var transaction = await connection.BeginTransactionAsync(Cancellation);
        await using (var command = new NpgsqlCommand("create temporary table unrelated (id int); select pg_advisory_xact_lock_shared(1, 2)", connection, transaction))
        {
            await command.ExecuteNonQueryAsync(Cancellation);
        }

        await own.Store.AppendAsync("b-1", ExpectedVersion.NoStream, [Events.New()], Cancellation);

        (await own.Store.GetHeadAsync(Cancellation)).Final.Should().Be(new LogPosition(1));
    }

    [Theory]
    [InlineData("commit prepared", 2)]
    [InlineData("rollback prepared", 1)]
    public async Task A_prepared_append_holds_back_what_came_after_it_until_its_end(string end, int events)
    {
        await using var own = await TestDatabase.CreateAsync();
        var id = own.SchemaName;
        await using (var connection = await own.DataSource.OpenConnectionAsync(Cancellation))
        {
            await using var begin = new NpgsqlCommand("begin", connection);
            await begin.ExecuteNonQueryAsync(Cancellation);
            await using var append = new NpgsqlCommand(
                $"select * from {own.SchemaName}.append_events(array[{StreamBucket.Of("a-1")}::smallint], array['a-1'], array[-1], array[1], array[1], array[1], array[gen_random_uuid()], array['a'], array['t'], array['{{}}'::json], array[null::json], null, array[1], '{{}}', '{{}}', '{{}}', '{{}}')",
                connection);
            await append.ExecuteNonQueryAsync(Cancellation);
            await own.Store.AppendAsync("b-1", ExpectedVersion.NoStream, [Events.New()], Cancellation);

            // Seen as a session first, as a prepared transaction afterwards.
            (await own.Store.GetHeadAsync(Cancellation)).Final.Should().Be(LogPosition.Start);
            await using var prepare = new NpgsqlCommand($"prepare transaction '{id}'", connection);
            await prepare.ExecuteNonQueryAsync(Cancellation);
        }

        (await own.Store.GetHeadAsync(Cancellation)).Final.Should().Be(LogPosition.Start);
        await own.ExecuteAsync($"{end} '{id}'");

        (await own.Store.GetHeadAsync(Cancellation)).Final.Should().Be(new LogPosition(2));
        (await own.Store.ReadAllAsync(cancellationToken: Cancellation).CountAsync(Cancellation)).Should().Be(events);
    }

    /// <summary>Each writer appends in transactions of its own that last a while and are sometimes rolled back.</summary>
    private async Task<(List<long> Seen, List<long> Stored)> SubscribeWhileWritingAsync(bool isExact, TimeSpan atLeast)
    {
        var start = (await database.Store.GetHeadAsync(Cancellation)).Final;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var seen = new ConcurrentQueue<long>();
        var last = new TaskCompletionSource<long>();
        var reader = database.NewStore(isExact);
        var subscriber = Task.Run(
            async () =>
            {
                var options = new SubscriptionOptions { From = Checkpoint.After(start), PageSize = 7 };
                await foreach (var message in reader.SubscribeAsync(options, stop.Token))
                {
                    if (message is EventReceived received)
                    {
                        seen.Enqueue(received.Event.Position.Value);
                        if (received.Event.Type == "last")
                        {
                            return;
                        }
                    }
                }
            },
            Cancellation);

        var until = DateTime.UtcNow + atLeast;
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(() => WriteAsync(writer, until), Cancellation)));
        await database.Store.AppendAsync("end-1", ExpectedVersion.Any, [Events.New("last")], Cancellation);
        await subscriber.WaitAsync(TimeSpan.FromSeconds(60), Cancellation);

        var stored = new List<long>();
        await using var command = database.DataSource.CreateCommand(
            $"select position from {database.SchemaName}.events where position > {start.Value} order by position");
        await using var rows = await command.ExecuteReaderAsync(Cancellation);
        while (await rows.ReadAsync(Cancellation))
        {
            stored.Add(rows.GetInt64(0));
        }

        return ([.. seen], stored);
    }

    private async Task WriteAsync(int writer, DateTime until)
    {
        var random = new Random(writer);
        var stream = new StreamName($"writer-{Guid.NewGuid():N}");
        while (DateTime.UtcNow < until)
        {
            await using var connection = await database.DataSource.OpenConnectionAsync(Cancellation);
            await using var transaction = await connection.BeginTransactionAsync(Cancellation);
            var events = Enumerable.Range(0, random.Next(1, 4)).Select(_ => Events.New()).ToArray();
            await database.Store.AppendAsync(Events.To(stream, ExpectedVersion.Any, events), transaction, Cancellation);
            await Task.Delay(random.Next(0, 25), Cancellation);
            if (random.NextDouble() < 0.2)
            {
                await transaction.RollbackAsync(Cancellation);
            }
            else
            {
                await transaction.CommitAsync(Cancellation);
            }
        }
    }
}
