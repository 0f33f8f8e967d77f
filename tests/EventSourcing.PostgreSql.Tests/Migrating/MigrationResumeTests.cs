using Npgsql;

namespace EventSourcing.PostgreSql;

/// <summary>A migration that ends anywhere goes on there, and a source that moves does no harm.</summary>
public sealed class MigrationResumeTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_import_that_was_broken_off_goes_on_in_another_process()
    {
        await using var marten = await MartenDatabase.CreateAsync();
        await marten.FillAsync(streams: 1_300, length: 50);
        var stored = 0L;
        var runs = 0;
        while (true)
        {
            // Each run is ended at its first batch or at its third, but for the last one.
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
            await using var dataSource = NpgsqlDataSource.Create(marten.Ours.ConnectionString);
            var store = marten.Ours.NewStore(_ => { }, dataSource: dataSource);
            var source = await MartenSource.OpenAsync(dataSource, new MartenSourceOptions { Schema = marten.Schema }, Cancellation);
            var (batches, most) = (0, runs++ % 2 == 0 ? 1 : 3);
            try
            {
                await store.RestoreAsync(source, new Told(progress =>
                {
                    if (++batches == most && progress.Position != progress.End)
                    {
                        stop.Cancel();
                    }
                }), stop.Token);
                break;
            }
            catch (OperationCanceledException)
            {
                var count = await marten.Ours.ScalarAsync<long>("select count(*) from {schema}.log");
                count.Should().BeGreaterThan(stored).And.BeLessThan(65_000);
                stored = count;
            }
        }

        runs.Should().BeGreaterThan(2);
        (await marten.Ours.LogAsync()).Should().HaveCount(65_000).And.Equal(await (await marten.OpenAsync()).ReadAsync(default, Cancellation).TextsAsync());
        var again = async () => await marten.Ours.Store.RestoreAsync(await marten.OpenAsync(), cancellationToken: Cancellation);
        await again.Should().ThrowAsync<InvalidOperationException>();
    }

    [Fact]
    public async Task What_would_not_fit_is_found_as_well_by_an_import_that_goes_on()
    {
        // The first batches are stored; then two streams turn out to have one name, and one has a hole.
        await using var marten = await MartenDatabase.CreateAsync(id: "varchar");
        await marten.ExecuteAsync("""
            insert into mt_events (seq_id, id, stream_id, version, data, type) select n, gen_random_uuid(), 'a-' || n % 100, (n + 99) / 100, '{}', 't' from generate_series(1, 12000) n;
            insert into mt_events (seq_id, id, stream_id, version, data, type) values (12001, gen_random_uuid(), 'A-1', 1, '{}', 't');
            """);
        Action<MartenSourceOptions> lower = options => options.StreamName = stream => stream.Id.ToLowerInvariant();
        await ImportAsync("another stream of the source comes to the name 'a-1'");
        (await marten.Ours.ScalarAsync<long>("select max(position) from {schema}.log")).Should().Be(10_000);

        await ImportAsync("another stream of the source comes to the name 'a-1'");
        await marten.ExecuteAsync("update mt_events set stream_id = 'a-1', version = 130 where seq_id = 12001");
        await ImportAsync("it has the version 130, which does not follow 120");
        await marten.ExecuteAsync("update mt_events set version = 121 where seq_id = 12001");
        await marten.Ours.Store.RestoreAsync(await marten.OpenAsync(lower), cancellationToken: Cancellation);
        (await marten.Ours.ScalarAsync<long>("select count(*) from {schema}.log")).Should().Be(12_001);

        async Task ImportAsync(string says)
        {
            var import = async () => await marten.Ours.Store.RestoreAsync(await marten.OpenAsync(lower), cancellationToken: Cancellation);
            (await import.Should().ThrowAsync<ArgumentException>()).WithMessage($"*{says}*");
        }
    }

    [Fact]
    public async Task A_lost_connection_to_the_source_loses_and_repeats_nothing()
    {
        await using var messages = await MessageDbDatabase.CreateAsync();
        await messages.FillAsync(streams: 1_000, length: 25);

        // So large that a page is nowhere near the client as a whole when its connection is lost.
        await messages.ExecuteAsync("update messages set data = jsonb_build_object('note', repeat(md5(global_position::text), 40))");
        var settings = new NpgsqlConnectionStringBuilder(messages.Ours.ConnectionString) { ApplicationName = messages.Schema };
        await using var dataSource = NpgsqlDataSource.Create(settings.ConnectionString);
        var source = await MessageDbSource.OpenAsync(dataSource, new MessageDbSourceOptions { Schema = messages.Schema }, Cancellation);

        var (places, killed) = (new List<(long, long)>(), 0L);
        await foreach (var recorded in source.ReadAsync(default, Cancellation))
        {
            places.Add((recorded.Position.Value, recorded.Version.Value));
            if (places.Count % 6_000 == 1_000)
            {
                killed += await messages.Ours.ScalarAsync<long>($"select count(pg_terminate_backend(pid)) from pg_stat_activity where application_name = '{messages.Schema}' and state = 'active'");
            }
        }

        killed.Should().BeGreaterThan(2);
        places.Should().Equal(Enumerable.Range(0, 25_000).Select(n => (2L * (n + 1), (n / 1_000L) + 1)));
    }

    [Fact]
    public async Task The_end_is_behind_everything_that_was_being_written()
    {
        await using var messages = await MessageDbDatabase.CreateAsync();
        await using var early = await messages.DataSource.OpenConnectionAsync(Cancellation);
        await using var transaction = await early.BeginTransactionAsync(Cancellation);
        const string Insert = "insert into {0}.messages (position, stream_name, type) values (0, '{1}', 't')";
        await using (var command = new NpgsqlCommand(string.Format(null, Insert, messages.Schema, "first"), early, transaction))
        {
            await command.ExecuteNonQueryAsync(Cancellation);
        }

        await messages.ExecuteAsync(string.Format(null, Insert, messages.Schema, "second"));
        var waiting = messages.OpenAsync();
        await Task.Delay(200, Cancellation);
        waiting.IsCompleted.Should().BeFalse();
        var impatient = () => MessageDbSource.OpenAsync(messages.DataSource, new MessageDbSourceOptions { Schema = messages.Schema }, TimeSpan.FromMilliseconds(50), Cancellation);
        (await impatient.Should().ThrowAsync<TimeoutException>()).WithMessage($"*server processes {early.ProcessID}.");
        await transaction.CommitAsync(Cancellation);

        var source = await waiting;
        await messages.ExecuteAsync(string.Format(null, Insert, messages.Schema, "third"));

        (await source.GetEndAsync(Cancellation)).Should().Be(new LogPosition(2));
        (await source.ReadAsync(default, Cancellation).TextsAsync()).Select(text => text.Split(' ')[1]).Should().Equal("first", "second");
        source.Name.Should().Be((await messages.OpenAsync()).Name).And.StartWith("message-db/1 ");
    }

    [Fact]
    public async Task A_number_that_is_taken_and_not_used_yet_is_waited_for()
    {
        // As Marten's function for quick appends does: it takes the number some statements before the row.
        await using var marten = await MartenDatabase.CreateAsync(id: "varchar");
        await using var early = await marten.DataSource.OpenConnectionAsync(Cancellation);
        await using var transaction = await early.BeginTransactionAsync(Cancellation);
        await RunAsync("select nextval('{0}.mt_events_sequence')");
        await marten.ExecuteAsync("insert into mt_events (id, stream_id, version, data, type) values (gen_random_uuid(), 'b', 1, '{}', 't')");
        var waiting = marten.OpenAsync();
        await Task.Delay(200, Cancellation);
        waiting.IsCompleted.Should().BeFalse();
        await RunAsync("insert into {0}.mt_events (seq_id, id, stream_id, version, data, type) values (1, gen_random_uuid(), 'a', 1, '{{}}', 't')");
        await transaction.CommitAsync(Cancellation);

        (await (await waiting).ReadAsync(default, Cancellation).TextsAsync()).Select(text => text.Split(' ')[1]).Should().Equal("a", "b");

        async Task RunAsync(string sql)
        {
            await using var command = new NpgsqlCommand(string.Format(null, sql, marten.Schema), early, transaction);
            await command.ExecuteNonQueryAsync(Cancellation);
        }
    }

    [Fact]
    public async Task Rows_that_come_too_late_are_noticed_before_the_import_ends()
    {
        await using var marten = await MartenDatabase.CreateAsync();
        await marten.FillAsync();
        var source = await marten.OpenAsync();
        await marten.ExecuteAsync("insert into mt_events (seq_id, id, stream_id, version, data, type) values (1000, gen_random_uuid(), gen_random_uuid(), 1, '{}', 't')");
        var read = 0;

        var import = async () =>
        {
            await foreach (var recorded in source.ReadAsync(default, Cancellation))
            {
                if (++read == 900)
                {
                    await marten.ExecuteAsync("insert into mt_events (seq_id, id, stream_id, version, data, type) values (10, gen_random_uuid(), gen_random_uuid(), 1, '{}', 't')");
                }
            }
        };

        (await import.Should().ThrowAsync<InvalidOperationException>()).WithMessage("*holds 1002 rows up to position 3000, and held 1001*");
        read.Should().Be(1_001);
    }

    [Fact]
    public async Task A_dry_run_tells_how_far_it_is_and_can_be_ended()
    {
        await using var messages = await MessageDbDatabase.CreateAsync();
        await messages.FillAsync(streams: 500, length: 50);
        var source = await messages.OpenAsync();
        var told = new List<MigrationReport>();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);

        await source.CheckAsync(progress: new Reported(told.Add), cancellationToken: Cancellation);
        var ended = () => source.CheckAsync(progress: new Reported(_ => stop.Cancel()), cancellationToken: stop.Token);

        told.Select(report => report.Events).Should().Equal(10_000, 20_000, 25_000);
        told[0].Position.Value.Should().BeInRange(1, told[0].End.Value - 1);
        told[^1].Position.Should().Be(told[^1].End);
        await ended.Should().ThrowAsync<OperationCanceledException>();
        (await messages.Ours.ScalarAsync<long>("select count(*) from {schema}.log_restores")).Should().Be(0);
    }

    private sealed class Told(Action<RestoreProgress> tell) : IProgress<RestoreProgress>
    {
        public void Report(RestoreProgress value) => tell(value);
    }

    private sealed class Reported(Action<MigrationReport> tell) : IProgress<MigrationReport>
    {
        public void Report(MigrationReport value) => tell(value);
    }
}
