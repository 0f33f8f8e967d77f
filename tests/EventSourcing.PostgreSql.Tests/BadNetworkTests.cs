using System.Diagnostics;
using EventSourcing.Torture;
using Npgsql;

namespace EventSourcing.PostgreSql;

/// <summary>A server that is silent, gone, or answers nobody: how long callers wait, and what they are told.</summary>
public sealed class BadNetworkTests : IAsyncLifetime
{
    private TestDatabase database = null!;
    private FaultyProxy proxy = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        database = await TestDatabase.CreateAsync();
        proxy = new FaultyProxy(new NpgsqlConnectionStringBuilder(database.ConnectionString).Port, new Random(1));
    }

    public async ValueTask DisposeAsync()
    {
        await proxy.DisposeAsync();
        await database.DisposeAsync();
    }

    [Fact]
    public async Task What_was_never_sent_is_not_of_unknown_outcome()
    {
        await using var nowhere = NpgsqlDataSource.Create("Host=127.0.0.1;Port=1;Username=nobody;Timeout=2");
        await using var store = new PostgreSqlEventStore(nowhere);

        var appends = Enumerable.Range(0, 100).Select(i => store.AppendAsync($"a-{i}", ExpectedVersion.Any, [Events.New()], Cancellation)).ToArray();

        foreach (var append in appends)
        {
            await FluentActions.Awaiting(() => append).Should().ThrowAsync<EventStoreUnavailableException>();
        }
    }

    [Fact]
    public async Task A_data_source_whose_first_connection_falls_silent_is_a_store_that_cannot_be_reached()
    {
        // The driver's first connection asks for the server's types, long answers; all others wait for that, and fail in a way of their own.
        proxy.FaultOf = _ => new NetworkFault(NetworkFaultKind.StallOneWay, IsUp: false, AfterBytes: 2_000);
        await using var source = Through("Timeout=2");
        await using var store = database.NewStore(options => options.MaxAttempts = 1, dataSource: source);
        var calls = new List<Task>();
        for (var i = 0; i < 10; i++)
        {
            calls.Add(store.AppendAsync(
                new AppendRequest(new StreamAppend("a-1", ExpectedVersion.Any, [Events.New()]), new StreamAppend("a-2", ExpectedVersion.Any, [])), Cancellation));
            calls.Add(new PostgreSqlConsumerStore(store).ReadAsync(cancellationToken: Cancellation));
            await Task.Delay(20, Cancellation);
        }

        foreach (var call in calls)
        {
            await FluentActions.Awaiting(() => call).Should().ThrowAsync<EventStoreUnavailableException>();
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Of_many_connections_that_are_dead_none_is_tried_after_the_first(bool isClearingSlow)
    {
        // The driver leaves it to the thread that clears its pool already to clear it: here that one takes its time.
        using var driver = new DriverLog(isClearingSlow ? TimeSpan.FromSeconds(1) : TimeSpan.Zero);
        await using var source = Through("Command Timeout=4;Cancellation Timeout=500", driver);
        await using var store = database.NewStore(_ => { }, dataSource: source);
        var category = $"dead{Guid.NewGuid():N}";
        await Task.WhenAll(Enumerable.Range(0, 40).Select(i => store.GetHeadAsync(Cancellation)).Concat<Task>(
            Enumerable.Range(0, 40).Select(i => store.ReadStreamAsync($"{category}-{i}", cancellationToken: Cancellation).CountAsync(Cancellation).AsTask())));
        proxy.StallThoseThatSaidLast(string.Empty).Should().BeGreaterThan(20);
        driver.TimedOut.Should().Be(0);

        await Task.WhenAll(Enumerable.Range(0, 60).Select(i => store.AppendAsync($"{category}-{i}", ExpectedVersion.NoStream, [Events.New()], Cancellation)));

        // Those that were sent before anyone could know: an append or two alone, and the batches behind them. Not one for each connection.
        driver.TimedOut.Should().BeInRange(1, 6);
    }

    [Theory]
    [InlineData("append")]
    [InlineData("append to two streams")]
    [InlineData("append that opens a connection")]
    [InlineData("read")]
    [InlineData("head")]
    public async Task A_caller_who_gives_up_waits_for_no_server_that_is_silent(string what)
    {
        await using var source = Through("Timeout=30;Command Timeout=60");
        await using var store = database.NewStore(_ => { }, dataSource: source);
        await store.AppendAsync("silent-1", ExpectedVersion.Any, [Events.New()], Cancellation);
        await store.AppendAsync("silent-1", ExpectedVersion.Any, [Events.New()], Cancellation);
        await store.GetHeadAsync(Cancellation);
        if (what == "append that opens a connection")
        {
            source.Clear();
        }

        proxy.BeginPartition();
        using var stop = new CancellationTokenSource();
        var call = what switch
        {
            "read" => (Task)store.ReadLogAsync(new LogReadOptions { UpTo = new LogPosition(1), PageSize = 1 }, stop.Token),
            "head" => store.GetHeadAsync(stop.Token),
            "append to two streams" => store.AppendAsync(
                new AppendRequest(new StreamAppend("silent-1", ExpectedVersion.Any, [Events.New()]), new StreamAppend("silent-2", ExpectedVersion.Any, [Events.New()])),
                stop.Token),
            _ => store.AppendAsync("silent-1", ExpectedVersion.Any, [Events.New()], stop.Token),
        };
        await Task.Delay(300, Cancellation);
        call.IsCompleted.Should().BeFalse();
        var begun = Stopwatch.GetTimestamp();

        // Not CancelAsync: whoever cancels is not to be blocked either.
#pragma warning disable CA1849
        stop.Cancel();
#pragma warning restore CA1849
        await FluentActions.Awaiting(() => call).Should().ThrowAsync<OperationCanceledException>();

        // Where the server is waited for, it is until the connection has timed out.
        Stopwatch.GetElapsedTime(begun).Should().BeLessThan(TimeSpan.FromSeconds(15));
        proxy.EndPartition();
    }

    [Fact]
    public async Task A_conflict_is_not_told_where_what_was_sent_before_may_still_be_stored()
    {
        await using var source = Through(string.Empty);
        await using var store = database.NewStore(_ => { }, dataSource: source);
        var (written, looked) = ($"late{Guid.NewGuid():N}-1", $"looked{Guid.NewGuid():N}-1");
        var cuts = new Queue<AimedCut?>([AimedCut.ArrivesLate]);
        (proxy.CutOf, proxy.LateBy) = (_ => cuts.TryDequeue(out var cut) ? cut : null, TimeSpan.FromSeconds(2));

        // The second try finds the stream that it only looks at too low; the first one arrives when it is as expected.
        var append = store.AppendAsync(
            new AppendRequest(
                new StreamAppend(written, ExpectedVersion.NoStream, [Events.New(json: """{"amount":1}""")]),
                new StreamAppend(looked, ExpectedVersion.At(1), [])),
            Cancellation);
        await FluentActions.Awaiting(() => append).Should().ThrowAsync<AppendOutcomeUnknownException>();
        await database.Store.AppendAsync(looked, ExpectedVersion.NoStream, [Events.New()], Cancellation);

        for (var until = DateTime.UtcNow.AddSeconds(20); await database.Store.ReadStreamAsync(written, cancellationToken: Cancellation).CountAsync(Cancellation) == 0;)
        {
            (DateTime.UtcNow < until).Should().BeTrue("what was sent first arrives");
            await Task.Delay(50, Cancellation);
        }
    }

    [Fact]
    public async Task What_was_sent_in_a_batch_is_of_unknown_outcome_where_the_server_cannot_be_asked_any_more()
    {
        await using var source = Through(string.Empty);
        await using var store = database.NewStore(_ => { }, dataSource: source);
        var unknown = 0;

        // Who is in the batch that is cut hangs on the moment.
        for (var round = 1; round <= 10 && unknown <= 10; round++)
        {
            unknown = await CutBatchAsync(store);
        }

        unknown.Should().BeGreaterThan(10);
    }

    [Fact]
    public async Task A_commit_with_inline_projections_is_of_unknown_outcome_where_the_server_cannot_be_asked_any_more()
    {
        await using var source = Through(string.Empty);
        await using var store = database.NewStore(_ => { }, dataSource: source);
        var counts = new CountProjection(store);
        store.UseInline(new InlineProjection(store, new EventSerializer(new EventTypeRegistry().Add<Counted>()), counts, counts));
        var stream = $"inline{Guid.NewGuid():N}-1";
        await store.AppendAsync($"{stream}0", ExpectedVersion.NoStream, [Events.New()], Cancellation);
        var refusing = Task.CompletedTask;
        proxy.CutOf = _ =>
        {
            refusing = proxy.RefuseAsync(TimeSpan.FromSeconds(3));
            proxy.CutOf = _ => null;
            return AimedCut.BeforeAnswer;
        };

        await FluentActions.Awaiting(() => store.AppendAsync(stream, ExpectedVersion.NoStream, [Events.New()], Cancellation))
            .Should().ThrowAsync<AppendOutcomeUnknownException>();
        (await database.Store.ReadStreamAsync(stream, cancellationToken: Cancellation).CountAsync(Cancellation)).Should().Be(1);
        await refusing;
    }

    [Fact]
    public async Task A_conflict_is_told_where_nothing_that_was_sent_before_can_be_stored_any_more()
    {
        await using var source = Through(string.Empty);
        await using var store = database.NewStore(_ => { }, dataSource: source);
        var stream = $"taken{Guid.NewGuid():N}-1";
        await database.Store.AppendAsync(stream, ExpectedVersion.NoStream, [Events.New()], Cancellation);
        var cuts = new Queue<AimedCut?>([AimedCut.BeforeArrival]);
        proxy.CutOf = _ => cuts.TryDequeue(out var cut) ? cut : null;

        await FluentActions.Awaiting(() => store.AppendAsync(stream, ExpectedVersion.NoStream, [Events.New(json: """{"amount":1}""")], Cancellation))
            .Should().ThrowAsync<ConcurrencyConflictException>();
        cuts.Should().BeEmpty();
    }

    private NpgsqlDataSource Through(string settings, DriverLog? driver = null)
    {
        var connection = new NpgsqlConnectionStringBuilder($"{database.ConnectionString};{settings}") { Host = "127.0.0.1", Port = proxy.Port };
        return new NpgsqlDataSourceBuilder(connection.ConnectionString).UseLoggerFactory(driver).Build();
    }

    /// <summary>Has a batch stored whose answer is lost, and then no server; tells how many callers do not know.</summary>
    private async Task<int> CutBatchAsync(PostgreSqlEventStore store)
    {
        var category = $"batch{Guid.NewGuid():N}";
        await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => store.GetHeadAsync(Cancellation)));
        var refusing = Task.CompletedTask;
        var sent = 0;

        // The first two go alone; the others together. Whoever finds another connection that still lives gets no further.
        proxy.CutOf = _ =>
        {
            if (++sent == 3)
            {
                refusing = proxy.RefuseAsync(TimeSpan.FromSeconds(3));
                return AimedCut.BeforeAnswer;
            }

            return sent > 3 ? AimedCut.BeforeArrival : null;
        };
        var appends = Enumerable.Range(0, 40)
            .Select(i => store.AppendAsync($"{category}-{i}", ExpectedVersion.NoStream, [Events.New(json: """{"amount":1}""")], Cancellation)).ToArray();
        await Task.WhenAll(appends).ContinueWith(_ => { }, Cancellation, TaskContinuationOptions.None, TaskScheduler.Default);

        await refusing;
        var unknown = 0;
        for (var i = 0; i < appends.Length; i++)
        {
            var failure = appends[i].Exception?.InnerException;
            unknown += failure is AppendOutcomeUnknownException ? 1 : 0;
            if (failure is EventStoreUnavailableException)
            {
                (await database.Store.ReadStreamAsync($"{category}-{i}", cancellationToken: Cancellation).CountAsync(Cancellation)).Should().Be(0, "its caller was told that nothing was changed");
            }
        }

        return unknown;
    }
}
