using System.Diagnostics;
using EventSourcing.PostgreSql;
using Npgsql;

namespace EventSourcing.Torture;

/// <summary>Other clients take all connections of the server: from processes at work, and from one that starts just then.</summary>
internal static class CrowdedRound
{
    /// <summary>Listener and consumers try again after ten seconds at the latest; a slow machine gets twice as much on top.</summary>
    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds(30);

    /// <summary>Four attempts, none of which waits for anything, on a machine that starts forty server processes at the same time.</summary>
    private static readonly TimeSpan LongestRefusal = TimeSpan.FromSeconds(15);

    public static async Task RunAsync(TortureRun run, CrowdedCluster cluster, int cycle)
    {
        var random = run.RandomFor("crowd", cycle);
        await using var world = await World.CreateAsync(run, cluster.AdministratorString);
        await cluster.GrantAsync(world.SchemaName);
        var children = new List<Child> { await StartAsync("subscriber-0"), await StartAsync("subscriber-1") };
        await world.AppendToAllAsync();
        await world.CheckAtHeadAsync();

        await cluster.CrowdAsync();
        await ExpectRefusalAsync(world, cluster);
        children.Add(await StartAsync("subscriber-2"));
        await Task.Delay(random.Next(1_000, 3_500), CancellationToken.None);

        // Everything that a process does must have come by itself afterwards.
        await cluster.DisperseAsync();
        var free = Stopwatch.GetTimestamp();
        var before = (await world.BoardAsync()).Rows.ToDictionary(row => row.Key, row => row.Position);
        await world.AppendToAllAsync();
        var took = await world.UntilAsync(
            "three processes share the work, and all of it goes on",
            board => Board.IsEven(board, 3) && board.Rows.All(row => row.Position > before[row.Key]),
            Recovery,
            free);
        run.Figure("allWorkGoesOnAfterSeconds", Math.Round(took.TotalSeconds, 1));
        await world.WaitForSubscribersAsync(Recovery);
        run.Figure("subscribersThereAfterSeconds", Math.Round(Stopwatch.GetElapsedTime(free).TotalSeconds, 1));
        await world.QuiesceAsync();
        await world.CheckHistoryAsync();
        run.Checked("read models against a fold", world.Checks);
        if (world.Running.Count != children.Count)
        {
            run.Violation($"Of {children.Count} processes {world.Running.Count} are left.");
        }

        var written = History.Read(world.Folder).Attempts.Count(attempt => attempt.Outcome == AppendOutcome.Stored && attempt.Begun.At > free);
        run.Checked("appends after the crowd had gone", written);
        if (written < 3)
        {
            run.Violation("The writers have not gone on since there are connections again.");
        }

        Task<Child> StartAsync(string subscriber) =>
            world.StartAsync(
                writers: 1, seed: random.Next(), subscriber: subscriber, connectionString: cluster.ApplicationString,
                configure: options => options with { MaxPoolSize = CrowdedCluster.MaxPoolSize });
    }

    /// <summary>Whoever asks now is told so, soon, and nothing is stored.</summary>
    private static async Task ExpectRefusalAsync(World world, CrowdedCluster cluster)
    {
        await using var dataSource = NpgsqlDataSource.Create(cluster.ApplicationString);
        await using var store = new PostgreSqlEventStore(dataSource, new PostgreSqlOptions { Schema = world.SchemaName });
        using var history = new HistoryFile(Path.Combine(world.Folder, $"{Guid.NewGuid():N}.history"));
        var appender = new RecordingAppender(store, dataSource, history);
        var request = new RequestMaker(world.Run.RandomFor("refused"), new ChildOptions { Schema = world.SchemaName, Folder = world.Folder });
        var since = Stopwatch.GetTimestamp();
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => appender.AppendAsync(request.Next(), Guid.NewGuid())));
        await ExpectUnavailableAsync(world.Run, () => store.GetHeadAsync());
        await ExpectUnavailableAsync(world.Run, () => store.ReadStreamAsync(Accounts.Stream(0)).CountAsync().AsTask());
        await ExpectUnavailableAsync(world.Run, () => store.SubscribeAsync().FirstAsync().AsTask());
        var took = Stopwatch.GetElapsedTime(since);
        world.Run.Figure("refusedWithinSeconds", Math.Round(took.TotalSeconds, 1));
        if (took > LongestRefusal)
        {
            world.Run.Violation($"It took {took.TotalSeconds:0.0} s until all callers were told that there is no connection.");
        }

        foreach (var answer in answers)
        {
            world.Run.Checked("appends without a connection that were told so");
            if (answer.Outcome != AppendOutcome.NotStored || answer.Error?.StartsWith(nameof(EventStoreUnavailableException), StringComparison.Ordinal) != true
                || !answer.Error.Contains("53300", StringComparison.Ordinal))
            {
                world.Run.Violation($"An append without a connection ended as {answer.Outcome}, and was told: {answer.Error}");
            }
        }
    }

    private static async Task ExpectUnavailableAsync(TortureRun run, Func<Task> call)
    {
        run.Checked("reads without a connection that were told so");
        try
        {
            await call();
            run.Violation("A read without a connection has succeeded: the server is not crowded.");
        }
        catch (EventStoreUnavailableException unavailable) when (unavailable.Message.Contains("53300", StringComparison.Ordinal))
        {
            // As documented.
        }
        catch (Exception failure)
        {
            run.Violation($"A read without a connection ended with {failure}");
        }
    }
}
