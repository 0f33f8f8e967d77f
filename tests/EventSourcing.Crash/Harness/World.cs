using System.Diagnostics;
using EventSourcing.PostgreSql;
using EventSourcing.TestInfrastructure;
using Npgsql;

namespace EventSourcing.Crash;

/// <summary>A schema of its own, the processes that work on it, and what can be seen from outside.</summary>
internal sealed class World : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string connectionString;
    private readonly List<Child> children = [];
    private readonly Action<string> say;

    private World(string connectionString, Action<string> say)
    {
        this.connectionString = connectionString;
        this.say = say;
        DataSource = NpgsqlDataSource.Create(connectionString);
        Store = new PostgreSqlEventStore(DataSource, new PostgreSqlOptions { Schema = SchemaName });
        Consumers = new PostgreSqlConsumerStore(Store);
        Watcher = new ProjectionRunner(Store, Projections.Serializer, Projections.All(Store, 1), consumers: Consumers);
    }

    public string SchemaName { get; } = PostgreSqlServer.NewSchemaName();

    public NpgsqlDataSource DataSource { get; }

    public PostgreSqlEventStore Store { get; }

    public PostgreSqlConsumerStore Consumers { get; }

    /// <summary>Never run: asks and waits, as an application's front end would.</summary>
    public ProjectionRunner Watcher { get; }

    public IReadOnlyList<Child> Running => [.. children.Where(child => child.IsRunning)];

    /// <summary>How many pages have been refused by the fence, in the processes that can still tell and those that were killed.</summary>
    public int Refused => children.Sum(child => child.CountSaidWith("refused"));

    public int Checks { get; private set; }

    public static async Task<World> CreateAsync(Action<string> say, string? connectionString = null)
    {
        var world = new World(connectionString ?? (await PostgreSqlServer.GetAsync()).ConnectionString, say);
        await world.Store.Schema.InstallAsync();
        return world;
    }

    public void Say(string line) => say(line);

    public async Task<Child> StartAsync(int version = 1, int spread = 0, int writers = 0, int seed = 0)
    {
        var child = new Child(connectionString, new ChildOptions(SchemaName, version, spread, writers, seed));
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
        return (await Store.AppendAsync(new AppendRequest([.. parts]))).Position;
    }

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
                throw new ProofFailedException($"After {limit.TotalSeconds:0.0} s it is not so: {what}.\n{Describe(board)}\n{Complaints()}");
            }

            await Task.Delay(10);
        }
    }

    public static bool HasPassed(ConsumerBoard board, LogPosition position) =>
        Projections.Names.All(name => board.Rows.Any(row => row.Key.Consumer == name))
        && board.Rows.Where(row => row.Role == ConsumerRole.Serving).All(row => row.Position >= position);

    public static Dictionary<string, int> Owned(ConsumerBoard board) => board.Processes.Where(process => process.IsAlive)
        .ToDictionary(process => process.Label, process => board.Rows.Count(row => row.IsHeld && row.Owner == process.Id));

    public Child OwnerOf(ConsumerBoard board, string name)
    {
        var row = board.Rows.First(row => row.Key.Consumer == name);
        return Running.Single(child => child.Label == board.Processes.Single(process => process.Id == row.Owner).Label);
    }

    /// <summary>Whether so many processes hold everything between them, none more than one row more than another.</summary>
    public static bool IsEven(ConsumerBoard board, int processes)
    {
        var owned = Owned(board);
        return owned.Count == processes && board.Rows.All(row => row.IsHeld) && board.Rows.Count == owned.Values.Sum()
            && owned.Values.Max() - owned.Values.Min() <= 1;
    }

    /// <summary>In the middle of everything: each read model is the fold of the log up to its checkpoint.</summary>
    public async Task<Snapshot> CheckAsync()
    {
        var snapshot = await Snapshot.ReadAsync(DataSource, SchemaName);
        Checks++;
        if (PlainFold.Differences(snapshot) is { Count: > 0 } wrong)
        {
            throw new ProofFailedException($"{wrong.Count} differences:\n{string.Join('\n', wrong.Take(10))}\n{Describe(await BoardAsync())}");
        }

        return snapshot;
    }

    /// <summary>Ends the load, waits until all is shown, and checks it.</summary>
    public async Task<Snapshot> QuiesceAsync()
    {
        foreach (var child in Running)
        {
            await child.TellAsync("quiet");
            await child.HearAsync("quiet", Patience);
        }

        return await CheckAtHeadAsync();
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
            throw new ProofFailedException($"The read models do not reach {head}: {failure.Message}\n{Describe(await BoardAsync())}\n{Complaints()}");
        }

        var snapshot = await CheckAsync();
        return snapshot.Serving.All(row => row.Position >= head.Value)
            ? snapshot
            : throw new ProofFailedException($"Waited for {head}, and not all are there.");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var child in children)
        {
            await child.DisposeAsync();
        }

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

        await DataSource.DisposeAsync();
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

    private string Complaints() => string.Join('\n', children.SelectMany(child => child.Complaints.TakeLast(4).Select(line => $"{child.Id}: {line}")));

    public static string Describe(ConsumerBoard board) => string.Join('\n', board.Rows.Select(row =>
        $"{row.Key} generation {row.Key.Generation} version {row.Version} {row.Role} position {row.Position} epoch {row.Epoch} "
        + $"owner {board.Processes.FirstOrDefault(process => process.Id == row.Owner)?.Label} held {row.IsHeld} {row.State} {row.Error}"));
}
