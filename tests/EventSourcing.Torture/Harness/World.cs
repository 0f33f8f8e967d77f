using System.Diagnostics;
using EventSourcing.PostgreSql;
using EventSourcing.TestInfrastructure;
using Npgsql;

namespace EventSourcing.Torture;

/// <summary>A schema of its own, the processes that work on it, and what can be seen from outside.</summary>
internal sealed class World : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string connectionString;
    private readonly Servers servers;
    private readonly string? listenConnectionString;
    private readonly List<Child> children = [];
    private readonly HistoryFile history;
    private readonly RecordingAppender appender;

    private World(string connectionString, TortureRun run, string? schema, int partitions, string? listenConnectionString, bool preparesStatements)
    {
        SchemaName = schema ?? PostgreSqlServer.NewSchemaName();
        this.connectionString = connectionString;
        this.listenConnectionString = listenConnectionString;
        Run = run;
        servers = new Servers(connectionString);
        DataSource = servers.Primary;
        Store = new PostgreSqlEventStore(servers.All, new PostgreSqlOptions
        {
            Schema = SchemaName,
            Partitions = partitions,
            PrepareStatements = preparesStatements,
            ListenConnectionString = listenConnectionString,
        });
        Consumers = new PostgreSqlConsumerStore(Store);
        Folder = Directory.CreateTempSubdirectory("eventsourcing-torture-").FullName;
        history = new HistoryFile(Path.Combine(Folder, "parent.history"));
        appender = new RecordingAppender(Store, DataSource, history);
        Watcher = new ProjectionRunner(Store, Projections.Serializer, Projections.All(Store, 1), consumers: Consumers);
    }

    public TortureRun Run { get; }

    /// <summary>The straight way to the store.</summary>
    public string ConnectionString => connectionString;

    /// <summary>Where all processes write down what they ask, what they are told and what they see.</summary>
    public string Folder { get; }

    public string SchemaName { get; }

    public NpgsqlDataSource DataSource { get; }

    public PostgreSqlEventStore Store { get; }

    public PostgreSqlConsumerStore Consumers { get; }

    /// <summary>Never run: asks and waits, as an application's front end would.</summary>
    public ProjectionRunner Watcher { get; }

    public IReadOnlyList<Child> Running => [.. children.Where(child => child.IsRunning)];

    /// <summary>How many pages have been refused by the fence, in the processes that can still tell and those that were killed.</summary>
    public int Refused => children.Sum(child => child.CountSaidWith("refused"));

    public int Checks { get; private set; }

    /// <summary>Makes a world and installs its schema.</summary>
    /// <param name="run">The run.</param>
    /// <param name="connectionString">The way to its server; by default to the one that all share.</param>
    /// <param name="schema">A schema that is there already; one of its own by default.</param>
    /// <param name="partitions">Into how many tables its events go.</param>
    /// <param name="listenConnectionString">Another way for listening.</param>
    /// <param name="preparesStatements">Whether the parent's own store prepares its statements.</param>
    public static async Task<World> CreateAsync(
        TortureRun run,
        string? connectionString = null,
        string? schema = null,
        int partitions = 1,
        string? listenConnectionString = null,
        bool preparesStatements = true)
    {
        connectionString ??= (await PostgreSqlServer.GetAsync()).ConnectionString;
        var world = new World(connectionString, run, schema, partitions, listenConnectionString, preparesStatements);
        await world.Store.Schema.InstallAsync();
        return world;
    }

    public void Say(string line) => Run.Say(line);

    /// <summary>Starts a process.</summary>
    /// <param name="version">The version of its projections; 0 where it runs none.</param>
    /// <param name="spread">How many small projections it runs instead of the usual ones.</param>
    /// <param name="writers">How many writers append from the start.</param>
    /// <param name="seed">Of what it writes.</param>
    /// <param name="subscriber">The subscriber that it continues.</param>
    /// <param name="connectionString">Another way to the store than the world's own.</param>
    /// <param name="configure">What else is different.</param>
    public async Task<Child> StartAsync(
        int version = 1, int spread = 0, int writers = 0, int seed = 0, string? subscriber = null, string? connectionString = null,
        Func<ChildOptions, ChildOptions>? configure = null)
    {
        var options = new ChildOptions
        {
            Schema = SchemaName, Folder = Folder, Version = version, Spread = spread, Writers = writers, Seed = seed, Subscriber = subscriber,
        };
        var child = new Child(connectionString ?? this.connectionString, configure?.Invoke(options) ?? options, listenConnectionString);
        children.Add(child);
        await child.HearAsync("ready", Patience);
        return child;
    }

    /// <summary>Appends events that every shard of every projection is concerned by; tells the last position.</summary>
    public async Task<LogPosition> AppendToAllAsync()
    {
        var first = Enumerable.Range(Accounts.Closable, Accounts.Count - Accounts.Closable).Select(Accounts.Stream)
            .GroupBy(stream => Enumerable.Range(0, 4).Single(shard => new StreamShard(shard, 4).Contains(stream)))
            .Select(streams => streams.First());
        var parts = first.Select(stream => new StreamAppend(
            stream, ExpectedVersion.Any, [Projections.Serializer.Serialize(new Moved(7, ["label-15"]))]));
        return await AppendAsync(new AppendRequest([.. parts]));
    }

    /// <summary>Appends as the parent, which is in the history as everybody else.</summary>
    public async Task<LogPosition> AppendAsync(AppendRequest request)
    {
        var answer = await TryAppendAsync(request);
        return answer.Outcome == AppendOutcome.Stored
            ? new LogPosition(answer.Position)
            : throw new ProofFailedException($"An append of the parent's ended as {answer.Outcome}: {answer.Error}");
    }

    /// <summary>Somebody is about to append this, in another way than all others: it is no stranger, whatever becomes of it.</summary>
    public void WillAppend(AppendRequest request) => history.Write(AppendBegun.Of(request, Guid.NewGuid(), attempt: 0, Stopwatch.GetTimestamp()));

    /// <summary>The same, where it may well fail.</summary>
    public Task<AppendEnded> TryAppendAsync(AppendRequest request) => appender.AppendAsync(request, Guid.NewGuid());

    /// <summary>Appends in a transaction of the parent's own and keeps it open for a while, whatever becomes of it. To a stream that no inline
    /// projection is about: the parent has none.</summary>
    public async Task HoldTransactionAsync(TimeSpan time, bool isRolledBack) => await appender.AppendInTransactionAsync(
        new AppendRequest(new StreamAppend(StreamName.For("held", Guid.NewGuid()), ExpectedVersion.NoStream, [Projections.Serializer.Serialize(new Moved(3, ["label-1"]))])),
        Guid.NewGuid(),
        time,
        isRolledBack);

    public async Task<ConsumerBoard> BoardAsync() => await Consumers.ReadAsync();

    /// <summary>Waits for something to become true of the board; tells how long it took.</summary>
    public async Task<TimeSpan> UntilAsync(string what, Func<ConsumerBoard, bool> isSo, TimeSpan limit, long since = 0)
    {
        since = since == 0 ? Stopwatch.GetTimestamp() : since;
        while (true)
        {
            var board = await BoardAsync();
            if (isSo(board))
            {
                return Stopwatch.GetElapsedTime(since);
            }

            if (Stopwatch.GetElapsedTime(since) > limit)
            {
                throw new ProofFailedException($"After {limit.TotalSeconds:0.0} s it is not so: {what}.\n{Board.Describe(board)}\n{Complaints()}");
            }

            await Task.Delay(10);
        }
    }

    public Child OwnerOf(ConsumerBoard board, string name)
    {
        var row = board.Rows.First(row => row.Key.Consumer == name);
        return Running.Single(child => child.Label == board.Processes.Single(process => process.Id == row.Owner).Label);
    }

    /// <summary>In the middle of everything: each read model is the fold of the log up to its checkpoint.</summary>
    public async Task<Snapshot> CheckAsync()
    {
        var snapshot = await Snapshot.ReadAsync(DataSource, SchemaName);
        Checks++;
        if (PlainFold.Differences(snapshot).Concat(InlineCheck.Differences(snapshot)).ToArray() is { Length: > 0 } wrong)
        {
            throw new ProofFailedException($"{wrong.Length} differences:\n{string.Join('\n', wrong.Take(10))}\n{Board.Describe(await BoardAsync())}");
        }

        return snapshot;
    }

    /// <summary>Ends the load, waits until all is shown, and checks it.</summary>
    public async Task<Snapshot> QuiesceAsync()
    {
        await EndLoadAsync();
        return await CheckAtHeadAsync();
    }

    public async Task EndLoadAsync()
    {
        foreach (var child in Running)
        {
            await child.AskAsync("quiet", "quiet", Patience);
        }
    }

    /// <summary>Compares all that callers were told, and all that subscribers have seen, with what is stored. Nobody appends any more.</summary>
    public async Task CheckHistoryAsync()
    {
        await WaitForSubscribersAsync(Patience);
        var (log, versions) = await StoredEvent.ReadAllAsync(DataSource, SchemaName);
        var told = History.Read(Folder);
        new AppendCheck(Run, told, log, versions).Check();
        new LinearizabilityCheck(Run, told, log).Check();
        SubscriberCheck.Check(Run, Folder, log);
        ReadCheck.Check(Run, ReadFile.ReadAll(Folder), told, log);
        Run.Operated(told.Attempts.Count());
        Run.Count("events", log.Count);
        foreach (var outcome in told.Attempts.GroupBy(attempt => attempt.Outcome))
        {
            Run.Count($"told{outcome.Key}", outcome.Count());
        }
    }

    /// <summary>Waits until each subscriber that has ever begun has seen what is the end of the log now; tells how long it took.</summary>
    public async Task<TimeSpan> WaitForSubscribersAsync(TimeSpan patience)
    {
        var head = (await Store.GetHeadAsync()).Final;
        var since = Stopwatch.GetTimestamp();
        try
        {
            return await this.UntilSeenAsync(head, patience, since);
        }
        catch (ProofFailedException late)
        {
            // What else is wrong is to be told, too.
            Run.Violation(late.Message);
            return Stopwatch.GetElapsedTime(since);
        }
    }

    public async Task<Snapshot> CheckAtHeadAsync()
    {
        var head = (await Store.GetHeadAsync()).Highest;
        try
        {
            await WaitWhileItMovesAsync(Task.WhenAll(Projections.Names.Select(name => Watcher.WaitForAsync(name, head))));
        }
        catch (Exception failure) when (failure is TimeoutException or ConsumerFailedException)
        {
            throw new ProofFailedException($"The read models do not reach {head}: {failure.Message}\n{Board.Describe(await BoardAsync())}\n{Complaints()}");
        }

        var snapshot = await CheckAsync();
        return snapshot.Serving.Where(row => Projections.Names.Contains(row.Name)).All(row => row.Position >= head.Value)
            ? snapshot
            : throw new ProofFailedException($"Waited for {head}, and not all are there.");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var child in children)
        {
            await child.DisposeAsync();
        }

        history.Dispose();
        await Store.DisposeAsync();
        try
        {
            await using var command = DataSource.CreateCommand(
                $"do $$ declare one text; begin for one in select nspname from pg_namespace where starts_with(nspname, '{SchemaName}') "
                + "loop execute format('drop schema %I cascade', one); end loop; end $$");
            await command.ExecuteNonQueryAsync();
        }
        catch (NpgsqlException)
        {
            // A server that is down has its own trouble; what has failed before is to be told, not this.
        }

        await servers.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }

    /// <summary>A slow machine takes its time; what stands still does not come.</summary>
    private async Task WaitWhileItMovesAsync(Task waiting)
    {
        for (var before = -1L; ;)
        {
            var at = (await BoardAsync()).Rows.Sum(row => row.Position.Value);
            try
            {
                await waiting.WaitAsync(Patience);
                return;
            }
            catch (TimeoutException) when (at != before)
            {
                before = at;
            }
        }
    }

    /// <summary>What the processes have said last of what went wrong.</summary>
    public string Complaints() => string.Join('\n', children.SelectMany(child => child.Complaints.TakeLast(4).Select(line => $"{child.Id}: {line}")));
}
