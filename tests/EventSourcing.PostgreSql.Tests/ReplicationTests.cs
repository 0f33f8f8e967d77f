using EventSourcing.TestInfrastructure;
using Npgsql;

namespace EventSourcing.PostgreSql;

/// <summary>A commit that waits for a synchronous standby, and is told to wait no longer: it is kept here, and a failover may lose it.</summary>
public sealed class ReplicationTests(ReplicatedPair pair) : IClassFixture<ReplicatedPair>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>The forms that an append takes: alone, of several streams, together with others, with an inline projection.</summary>
    public static TheoryData<string> Forms => ["alone", "streams", "together", "inline"];

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task An_append_whose_wait_for_the_standby_was_cancelled_is_not_acknowledged(string form)
    {
        await using var store = await pair.NewStoreAsync(isInline: form == "inline");
        await pair.Standby.FreezeAsync();
        try
        {
            var appends = Appends(store, form, ExpectedVersion.Any);
            await pair.CancelWaitsAsync(_ => appends.All(append => append.IsCompleted));

            foreach (var append in appends)
            {
                await FluentActions.Awaiting(() => append.WaitAsync(Patience)).Should().ThrowAsync<AppendOutcomeUnknownException>();
            }
        }
        finally
        {
            await pair.Standby.ThawAsync();
        }
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task With_exact_versions_it_waits_again_until_the_standby_has_it(string form)
    {
        await using var store = await pair.NewStoreAsync(isInline: form == "inline");
        await pair.Standby.FreezeAsync();
        Task<AppendResult>[] appends;
        try
        {
            appends = Appends(store, form, ExpectedVersion.NoStream);
            await pair.CancelWaitsAsync(times => times == 2);
            await Task.Delay(300, Cancellation);
            appends.Should().OnlyContain(append => !append.IsCompleted);
        }
        finally
        {
            await pair.Standby.ThawAsync();
        }

        (await Task.WhenAll(appends).WaitAsync(Patience, Cancellation)).Should().OnlyContain(result => result.Position > LogPosition.Start);
        foreach (var append in appends)
        {
            var stored = await store.ReadStreamAsync((await append).Streams[0].Stream, cancellationToken: Cancellation).ToListAsync(Cancellation);
            stored.Should().ContainSingle();
        }
    }

    [Fact]
    public async Task A_statement_that_times_out_in_that_wait_is_not_acknowledged()
    {
        await using var dataSource = NpgsqlDataSource.Create(pair.Primary.ConnectionString + ";Command Timeout=1");
        await using var store = await pair.NewStoreAsync(dataSource: dataSource);
        await pair.Standby.FreezeAsync();
        try
        {
            var append = () => store.AppendAsync("stream-1", ExpectedVersion.Any, [Events.New()], Cancellation);
            await append.Should().ThrowAsync<AppendOutcomeUnknownException>();
        }
        finally
        {
            await pair.Standby.ThawAsync();
        }
    }

    [Fact]
    public async Task A_caller_who_gives_up_in_that_wait_is_told_of_his_cancellation()
    {
        await using var store = await pair.NewStoreAsync();
        await pair.Standby.FreezeAsync();
        try
        {
            using var enough = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
            var append = store.AppendAsync("stream-1", ExpectedVersion.NoStream, [Events.New()], enough.Token);
            await pair.WaitForWaitsAsync();
            await enough.CancelAsync();
            await FluentActions.Awaiting(() => append.WaitAsync(Patience)).Should().ThrowAsync<OperationCanceledException>();
        }
        finally
        {
            await pair.Standby.ThawAsync();
        }
    }

    [Fact]
    public async Task A_batch_of_an_import_is_not_told_of_before_the_standby_has_it()
    {
        await using var store = await pair.NewStoreAsync();
        await pair.Standby.FreezeAsync();
        Task<ImportProgress> import;
        try
        {
            import = store.ImportAsync(new[] { new StreamAppend("stream-1", ExpectedVersion.NoStream, [Events.New()]) }.ToAsyncEnumerable(), cancellationToken: Cancellation);
            await pair.CancelWaitsAsync(times => times == 1);
            await Task.Delay(300, Cancellation);
            import.IsCompleted.Should().BeFalse();
        }
        finally
        {
            await pair.Standby.ThawAsync();
        }

        (await import.WaitAsync(Patience, Cancellation)).AlreadyStored.Should().Be(1);
    }

    [Fact]
    public async Task The_log_is_not_followed_on_a_standby()
    {
        await using var store = await pair.NewStoreAsync();
        await store.AppendAsync("stream-1", ExpectedVersion.Any, [Events.New()], Cancellation);
        await pair.WaitForReplayAsync();
        await using var standby = NpgsqlDataSource.Create(pair.Standby.ConnectionString);
        await using var there = new PostgreSqlEventStore(standby, new PostgreSqlOptions { Schema = store.SchemaName.Name });

        var subscribe = async () => await there.SubscribeAsync(cancellationToken: Cancellation).FirstAsync(Cancellation);
        (await subscribe.Should().ThrowAsync<EventStoreUnavailableException>()).WithMessage("*standby*");
        (await there.ReadStreamAsync("stream-1", cancellationToken: Cancellation).ToListAsync(Cancellation)).Should().ContainSingle();
    }

    [Fact]
    public async Task Of_several_servers_the_primary_is_used_and_listened_to()
    {
        var (primary, standby) = (new NpgsqlConnectionStringBuilder(pair.Primary.ConnectionString), new NpgsqlConnectionStringBuilder(pair.Standby.ConnectionString));
        primary.Host = $"{standby.Host}:{standby.Port},{primary.Host}:{primary.Port}";
        await using var hosts = NpgsqlDataSource.Create(primary.ConnectionString);
        await using var store = new PostgreSqlEventStore(hosts, new PostgreSqlOptions { Schema = PostgreSqlServer.NewSchemaName() });
        await store.Schema.InstallAsync(Cancellation);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var following = store.WaitForAppendAsync(new LogPosition(1), stop.Token);

        await store.AppendAsync("stream-1", ExpectedVersion.Any, [Events.New()], Cancellation);
        await pair.WaitForListenerAsync(store.SchemaName.Channel);

        await stop.CancelAsync();
        await FluentActions.Awaiting(() => following).Should().ThrowAsync<OperationCanceledException>();
    }

    private static Task<AppendResult>[] Appends(PostgreSqlEventStore store, string form, ExpectedVersion expected) => form switch
    {
        "streams" => [store.AppendAsync(new AppendRequest(Part("stream-1", expected), Part("stream-2", expected)), Cancellation)],
        "together" => [.. Enumerable.Range(0, 40).Select(i => store.AppendAsync(new AppendRequest(Part($"stream-{i}", expected)), Cancellation))],
        _ => [store.AppendAsync(new AppendRequest(Part("stream-1", expected)), Cancellation)],
    };

    private static StreamAppend Part(string stream, ExpectedVersion expected) => new(stream, expected, [Events.New()]);
}
