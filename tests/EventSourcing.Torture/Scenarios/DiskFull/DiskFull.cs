using System.Diagnostics;
using System.Security.Cryptography;

namespace EventSourcing.Torture;

/// <summary>One disk after the other is full for a while. Callers are told what is wrong, nothing is half there, and everything goes
/// on by itself when there is room again.</summary>
internal static class DiskFull
{
    private const int Writers = 2;
    private const string LargeCategory = "large";

    /// <summary>A consumer that waits looks again every ten seconds at the longest; a slow machine gets twice that on top.</summary>
    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static async Task RunAsync(TortureRun run)
    {
        await using var cluster = await SmallCluster.StartAsync();
        await using var world = await World.CreateAsync(run, cluster.ConnectionString);
        var random = run.RandomFor("disks");
        var children = await Task.WhenAll(Enumerable.Range(0, 2).Select(i => world.StartAsync(seed: random.Next(), subscriber: $"subscriber-{i}")));
        await world.AppendToAllAsync();
        await world.CheckAtHeadAsync();
        await MoveReadModelAsync(world);
        var outages = new List<Outage>();
        using var over = run.Begin();
        for (var round = 0; round < 3 || !over.IsCancellationRequested; round++)
        {
            foreach (var child in children)
            {
                await child.TellAsync($"load {Writers}");
            }

            var pause = TimeSpan.FromMilliseconds(random.Next(500, 2_000));
            Func<World, SmallCluster, TimeSpan, Task<Outage>>[] fills = [FillReadModelsAsync, FillLogAsync, FillWalAsync];
            var outage = await fills[round % fills.Length](world, cluster, pause);
            await Task.Delay(1_000, CancellationToken.None);
            outages.Add(outage with { QuietAt = Stopwatch.GetTimestamp() });

            // All that was appended meanwhile is shown, by the processes that there were.
            await world.QuiesceAsync();
            run.Count("rounds");
            run.Say($"round {round}: over");
        }

        await world.CheckHistoryAsync();
        run.Checked("read models against a fold", world.Checks);
        CheckWriters(run, History.Read(world.Folder), outages);
        if (world.Running.Count != children.Length)
        {
            run.Violation($"Of {children.Length} processes {world.Running.Count} are left: a full disk has ended the others.");
        }
    }

    /// <summary>One read model stands still and says why; the log and the other read models do not notice.</summary>
    private static async Task<Outage> FillReadModelsAsync(World world, SmallCluster cluster, TimeSpan pause)
    {
        cluster.ReadModels.Fill();
        var full = Stopwatch.GetTimestamp();
        await world.AppendAsync(new AppendRequest(new StreamAppend(
            Accounts.Stream(Accounts.Closable), ExpectedVersion.Any, [.. Enumerable.Range(0, 600).Select(_ => Projections.Serializer.Serialize(new Moved(1, [])))])));
        await world.UntilAsync(
            "the read model without room says so",
            board => RowOf(board, "sums") is { State: ConsumerState.Retrying, Error: { } error } && error.Contains("53100", StringComparison.Ordinal),
            Patience);
        var before = (await world.BoardAsync()).Rows.ToDictionary(row => row.Key, row => row.Position);
        await Task.Delay(pause);
        await world.AppendToAllAsync();
        await world.UntilAsync(
            "the other read models go on",
            board => board.Rows.Where(row => row.Key.Consumer != "sums").All(row => row.Position > before[row.Key]),
            Recovery);
        var stuck = RowOf(await world.BoardAsync(), "sums").Position;

        var outage = new Outage(full, Stopwatch.GetTimestamp(), IsLogAffected: false);
        cluster.ReadModels.Free();
        var took = await world.UntilAsync("the read model goes on by itself", board => RowOf(board, "sums").Position > stuck, Recovery);
        world.Run.Figure("readModelWentOnAfterSeconds", Math.Round(took.TotalSeconds, 1));
        world.Run.Checked("read models that waited for room");
        return outage;
    }

    /// <summary>Appends are refused, and it is said why; they are taken as soon as there is room.</summary>
    private static async Task<Outage> FillLogAsync(World world, SmallCluster cluster, TimeSpan pause)
    {
        cluster.Log.Fill();
        var full = Stopwatch.GetTimestamp();
        var refused = await UntilAppendAsync(world, cluster, "there is no room for another append", answer => answer.Outcome != AppendOutcome.Stored);

        // Either there is no room for the events, or, for a session that begins, none for a file of the server's own.
        var saysWhy = refused.Error is { } error && (error.Contains("53100", StringComparison.Ordinal) || error.Contains("could not write init file", StringComparison.Ordinal));
        if (refused.Outcome != AppendOutcome.NotStored || !saysWhy || !refused.Error!.StartsWith(nameof(EventStoreUnavailableException), StringComparison.Ordinal))
        {
            world.Run.Violation($"An append without room ended as {refused.Outcome}, and was told: {refused.Error}");
        }

        world.Run.Checked("appends without room that were told so");
        await Task.Delay(pause);
        cluster.Log.Free();
        var since = Stopwatch.GetTimestamp();
        await UntilAppendAsync(world, cluster, "an append is taken again", answer => answer.Outcome == AppendOutcome.Stored);
        world.Run.Figure("appendTakenAgainAfterMs", Math.Round(Stopwatch.GetElapsedTime(since).TotalMilliseconds));
        return new Outage(full, since, IsLogAffected: true);
    }

    /// <summary>The server cannot go on without its write-ahead log, and ends; somebody starts it when there is room, where it does not
    /// do so itself.</summary>
    private static async Task<Outage> FillWalAsync(World world, SmallCluster cluster, TimeSpan pause)
    {
        cluster.Wal.Fill();
        var full = Stopwatch.GetTimestamp();
        await UntilAppendAsync(world, cluster, "the server is down", answer => answer.Outcome != AppendOutcome.Stored, cluster.BeginWalFileAsync);
        world.Run.Checked("servers that were brought down");
        await Task.Delay(pause);
        cluster.Wal.Free();
        world.Run.Count(await cluster.BringBackAsync(TimeSpan.FromSeconds(20)) ? "serversStartedByHand" : "serversBackByThemselves");
        var since = Stopwatch.GetTimestamp();
        await UntilAppendAsync(world, cluster, "an append is taken again", answer => answer.Outcome == AppendOutcome.Stored);
        world.Run.Figure("appendTakenAfterRestartMs", Math.Round(Stopwatch.GetElapsedTime(since).TotalMilliseconds));
        return new Outage(full, since, IsLogAffected: true);
    }

    /// <summary>What the writers met: nothing while only a read model had no room, and work for all as soon as the log had room again.</summary>
    private static void CheckWriters(TortureRun run, History history, List<Outage> outages)
    {
        Attempt[] theirs = [.. history.Attempts.Where(attempt => attempt.Ended is not null && !attempt.Begun.Parts.Any(part => part.Stream.StartsWith(LargeCategory, StringComparison.Ordinal)))];
        foreach (var outage in outages)
        {
            var during = theirs.Where(attempt => attempt.Begun.At > outage.FullAt && attempt.Ended!.At < outage.FreeAt).ToArray();
            run.Checked("appends while a disk was full", during.Length);
            foreach (var failed in during.Where(attempt => !outage.IsLogAffected && attempt.Ended!.Error is not null && attempt.Outcome != AppendOutcome.Conflict).Take(3))
            {
                run.Violation($"Only a read model had no room, and an append ended as {failed.Outcome}: {failed.Ended!.Error}");
            }

            if (!theirs.Any(attempt => attempt.Outcome == AppendOutcome.Stored && attempt.Begun.At > outage.FreeAt && attempt.Ended!.At < outage.QuietAt))
            {
                run.Violation("There was room again for a second and more, and no writer had anything stored.");
            }
        }
    }

    /// <summary>Appends something large again and again, each time to another stream and for the first time.</summary>
    private static async Task<AppendEnded> UntilAppendAsync(
        World world, SmallCluster cluster, string what, Func<AppendEnded, bool> isSo, Func<Task>? before = null)
    {
        for (var since = Stopwatch.GetTimestamp(); ;)
        {
            await (before?.Invoke() ?? Task.CompletedTask);
            var answer = await world.TryAppendAsync(Large());
            if (isSo(answer))
            {
                return answer;
            }

            if (Stopwatch.GetElapsedTime(since) > Patience)
            {
                throw new ProofFailedException(
                    $"After {Patience.TotalSeconds} s it is not so: {what}. The last append ended as {answer.Outcome}: {answer.Error}. The server is {(await cluster.IsUpAsync() ? "up" : "down")}.");
            }

            await Task.Delay(answer.Outcome == AppendOutcome.Stored ? 0 : 50);
        }
    }

    /// <summary>Something that takes as much room as it has bytes: it cannot be compressed.</summary>
    private static AppendRequest Large()
    {
        var moved = Projections.Serializer.Serialize(new Moved(1, []));
        var metadata = $$$"""{"custom":{"note":"{{{Convert.ToBase64String(RandomNumberGenerator.GetBytes(600_000))}}}"}}""";
        return new AppendRequest(new StreamAppend(
            StreamName.For(LargeCategory, Guid.NewGuid()), ExpectedVersion.NoStream,
            [new EventData(moved.Id, moved.Type, moved.Data, System.Text.Encoding.UTF8.GetBytes(metadata))]));
    }

    private static ConsumerRow RowOf(ConsumerBoard board, string name) => board.Rows.Single(row => row.Key.Consumer == name);

    private static async Task MoveReadModelAsync(World world)
    {
        await using var command = world.DataSource.CreateCommand($"""
            alter table {world.SchemaName}_sums.sums set tablespace {SmallCluster.ReadModelSpace};
            alter index {world.SchemaName}_sums.sums_pkey set tablespace {SmallCluster.ReadModelSpace};
            alter table {world.SchemaName}_sums.applied set tablespace {SmallCluster.ReadModelSpace}
            """);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>From when to when a disk was full, and until when writers went on afterwards.</summary>
    private sealed record Outage(long FullAt, long FreeAt, bool IsLogAffected, long QuietAt = 0);
}
