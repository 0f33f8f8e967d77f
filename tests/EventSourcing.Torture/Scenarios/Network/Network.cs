using System.Diagnostics;
using Npgsql;

namespace EventSourcing.Torture;

/// <summary>Processes that write, read, project and subscribe, each behind a network of its own that is never well for long.</summary>
internal static class Network
{
    private const int Processes = 3;
    private const int Writers = 4;
    private const int Readers = 2;
    private const int MostImports = 3;

    /// <summary>Twice the longest pause before another connection that listens.</summary>
    private static readonly TimeSpan ListenersAreBack = TimeSpan.FromSeconds(10);

    /// <summary>Who looks every 100 ms sees an event soon, whatever became of the connection on which it would be told.</summary>
    private static readonly TimeSpan SeenByLooking = TimeSpan.FromSeconds(3);

    public static async Task RunAsync(TortureRun run)
    {
        await using var world = await World.CreateAsync(run);
        var proxies = new List<FaultyProxy>();
        try
        {
            for (var i = 0; i <= Processes; i++)
            {
                proxies.Add(new FaultyProxy(new NpgsqlConnectionStringBuilder(world.ConnectionString).Port, run.RandomFor("network", i)));
            }

            await RunAsync(run, world, proxies);
        }
        finally
        {
            foreach (var proxy in proxies)
            {
                await proxy.DisposeAsync();
            }
        }
    }

    private static async Task RunAsync(TortureRun run, World world, List<FaultyProxy> proxies)
    {
        var seeds = run.RandomFor("seeds");
        var children = new List<Child>();
        foreach (var proxy in proxies.Take(Processes))
        {
            children.Add(await world.StartAsync(
                writers: Writers, seed: seeds.Next(), subscriber: $"subscriber-{children.Count}",
                connectionString: NetworkBounds.ConnectionString(world.ConnectionString, proxy), configure: options => options with { Readers = Readers, WriterPause = 60 }));
        }

        await world.UntilAsync("all take part", board => Board.IsEven(board, Processes), TimeSpan.FromSeconds(20));
        using var over = run.Begin();
        foreach (var proxy in proxies)
        {
            proxy.FaultOf = NetworkFault.Random;
            proxy.CutOf = random => random.Next(40) == 0 ? (AimedCut)random.Next(Enum.GetValues<AimedCut>().Length) : null;
        }

        var import = new ImportLoad(world, NetworkBounds.ConnectionString(world.ConnectionString, proxies[^1]));
        var importing = Task.Run(() => import.RunAsync(MostImports, over.Token));
        var takingOver = TakeOverAsync(run, world, children[^1], proxies[Processes - 1], over.Token);
        await BreakAsync(run, world, proxies[..(Processes - 1)], over.Token);
        await takingOver;
        proxies.ForEach(proxy => proxy.Heal());
        var healedAt = Stopwatch.GetTimestamp();
        await RecoverAsync(run, world, healedAt);
        await importing.WaitAsync(NetworkBounds.Recovery);
        await world.EndLoadAsync();
        await StallListenersAsync(run, world, proxies);
        var end = await world.QuiesceAsync();
        await world.CheckHistoryAsync();
        new BoundCheck(run, healedAt).Check(History.Read(world.Folder), ReadFile.ReadAll(world.Folder));
        run.Checked("read models against a fold", world.Checks);
        foreach (var happened in proxies.SelectMany(proxy => proxy.Happened).GroupBy(one => one.Key, one => one.Value))
        {
            run.Figure($"network {happened.Key}", happened.Sum());
        }

        if (end.Log.Count < 100)
        {
            run.Violation($"Only {end.Log.Count} events were appended: that is no load.");
        }
    }

    /// <summary>What happens to many connections at once.</summary>
    private static async Task BreakAsync(TortureRun run, World world, List<FaultyProxy> proxies, CancellationToken over)
    {
        var random = run.RandomFor("breaks");
        while (!over.IsCancellationRequested)
        {
            await Task.Delay(random.Next(200, 1_500), CancellationToken.None);
            var one = proxies[random.Next(proxies.Count)];
            var time = TimeSpan.FromMilliseconds(random.Next(200, 3_000));
            switch (random.Next(6))
            {
                case 0: await PartitionAsync([one], time); break;
                case 1: await PartitionAsync(proxies, time); break;
                case 2: await one.RefuseAsync(time); break;
                case 3: one.ResetAll(); break;
                default: await world.CheckAsync(); break;
            }
        }
    }

    private static async Task PartitionAsync(IReadOnlyList<FaultyProxy> proxies, TimeSpan time)
    {
        foreach (var proxy in proxies)
        {
            proxy.BeginPartition();
        }

        await Task.Delay(time);
        foreach (var proxy in proxies)
        {
            proxy.EndPartition();
        }
    }

    /// <summary>A process that nobody hears of loses what it runs to the others, and gets its share back when it is heard of again.</summary>
    private static async Task TakeOverAsync(TortureRun run, World world, Child child, FaultyProxy proxy, CancellationToken over)
    {
        var times = new List<TimeSpan>();
        do
        {
            proxy.BeginPartition();
            try
            {
                times.Add(await world.UntilAsync(
                    $"process {child.Id}, which nobody hears of, holds nothing",
                    board => board.Rows.All(row => !row.IsHeld || board.Processes.FirstOrDefault(process => process.Id == row.Owner)?.Label != child.Label),
                    NetworkBounds.ConsumerRecovery));
            }
            finally
            {
                proxy.EndPartition();
            }

            await Task.Delay(TimeSpan.FromSeconds(3), over).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        while (!over.IsCancellationRequested);
        run.Figure("taken from a process that is cut off", Times.Of(times));
    }

    /// <summary>Everything goes on by itself, in the same processes.</summary>
    private static async Task RecoverAsync(TortureRun run, World world, long healedAt)
    {
        var stood = (await world.BoardAsync()).Rows.ToDictionary(row => row.Key, row => row.Position);
        var position = await world.AppendToAllAsync();
        var seen = await world.UntilSeenAsync(position, NetworkBounds.ConsumerRecovery, healedAt);
        run.Figure("subscribers recovered after, s", Math.Round(seen.TotalSeconds, 1));
        var shown = await world.UntilAsync(
            "all projections go on",
            board => board.Rows.All(row => row.IsHeld && row.Position > stood.GetValueOrDefault(row.Key)), NetworkBounds.ConsumerRecovery, healedAt);
        run.Figure("projections went on after, s", Math.Round(shown.TotalSeconds, 1));
    }

    /// <summary>Nothing is heard of appends any more, and nobody says so: they are found by looking.</summary>
    private static async Task StallListenersAsync(TortureRun run, World world, List<FaultyProxy> proxies)
    {
        // A listener that a fault has stalled already would not be found, and its process not learn of it for a minute. Of a connection
        // that is reset it learns at once, and makes another one after a pause, of 5 s at the longest.
        proxies.ForEach(proxy => proxy.ResetAll());
        var stalled = 0;
        for (var since = Stopwatch.GetTimestamp(); stalled < proxies.Count && Stopwatch.GetElapsedTime(since) < ListenersAreBack; await Task.Delay(50))
        {
            stalled = proxies.Sum(proxy => proxy.StallThoseThatSaidLast("listen "));
        }

        run.Figure("listeners stalled", stalled);
        var times = new List<TimeSpan>();
        for (var i = 0; i < 3; i++)
        {
            var since = Stopwatch.GetTimestamp();
            times.Add(await world.UntilSeenAsync(await world.AppendToAllAsync(), SeenByLooking, since));
        }

        run.Figure("seen without a listener", Times.Of(times));
        if (stalled == 0)
        {
            run.Violation("No connection that listens was found.");
        }
    }
}
