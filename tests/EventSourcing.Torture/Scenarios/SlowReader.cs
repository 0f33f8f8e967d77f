using System.Diagnostics;
using System.Globalization;

namespace EventSourcing.Torture;

/// <summary>
/// One process has subscribers and a projection that stall as long as the round lasts, another one has none. They write in turn, so
/// that both have the same machine: the one is as fast as the other, and does not grow.
/// </summary>
internal static class SlowReader
{
    private const int Writers = 6;
    private const int Slow = 3;
    private const string Stalled = "labels";

    private static readonly string[] Fast = ["balances", "ledgers"];
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>A turn: long beside what it takes to begin and to end one, and often enough that a machine that has more to do now and then
    /// does it in both.</summary>
    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(1.5);

    /// <summary>Nobody in the way takes milliseconds; somebody in the way takes all the time. In between there is what a busy machine adds.</summary>
    private static readonly TimeSpan SeenSoon = TimeSpan.FromSeconds(10);

    /// <summary>Who waits for a stalled one does not append at all; a machine that is busy in one turn and not in the other is no reason to fail.</summary>
    private const double LeastRatio = 0.5;

    // What the store keeps for all who follow is 16 MiB of events. Each stalled one holds the page it is in, which at the end of the log
    // is no more than was written while it was busy; then there are the driver's buffers for large events, and what a runtime keeps.
    private const long MostGrowth = (16 + (Slow * 8) + 8 + 24) * 1024 * 1024;

    public static async Task RunAsync(TortureRun run)
    {
        await using var world = await World.CreateAsync(run);
        var random = run.RandomFor("seeds");
        var stalling = await StartAsync(world, "stalling", version: 1, random.Next());
        var free = await StartAsync(world, "free", version: 0, random.Next());
        foreach (var child in new[] { stalling, free })
        {
            await WriteAsync(world, child);
        }

        var before = await MemoryAsync(stalling);
        await stalling.AskAsync($"hold {Holds.Slow}", "holds", Patience);
        await stalling.AskAsync($"hold {Stalled}", "holds", Patience);
        var rates = new Dictionary<Child, List<double>> { [stalling] = [], [free] = [] };
        var seen = new List<TimeSpan>();
        using var over = run.Begin();
        while (!over.IsCancellationRequested)
        {
            foreach (var child in new[] { stalling, free })
            {
                var (rate, delay) = await WriteAsync(world, child);
                rates[child].Add(rate);
                seen.Add(delay);
            }
        }

        var after = await CheckStalledAsync(run, world, stalling);
        CheckRates(run, rates[stalling], rates[free]);
        CheckMemory(run, before, after);
        run.Figure("appended, MB", await SizeAsync(world));
        run.Figure("seen by fast subscribers after a turn", Times.Of(seen));
        var since = Stopwatch.GetTimestamp();
        await stalling.TellAsync("go");
        var caughtUp = await world.UntilSeenAsync((await world.Store.GetHeadAsync()).Final, Patience, since);
        run.Figure("slow subscribers caught up after, s", Math.Round(caughtUp.TotalSeconds, 1));
        await world.QuiesceAsync();
        await world.CheckHistoryAsync();
        run.Checked("read models against a fold", world.Checks);
    }

    private static Task<Child> StartAsync(World world, string name, int version, int seed) => world.StartAsync(
        version, subscriber: name, seed: seed,
        configure: options => options with { SlowSubscribers = Slow, WriterPause = 1, InTransactions = 0, ForeignOneIn = 4, LargeOneIn = 1 });

    /// <summary>Lets a process write for a turn; tells how many appends a second were acknowledged, and how long it took until the
    /// subscribers that do not stall, in both processes, had seen the last.</summary>
    private static async Task<(double Rate, TimeSpan Seen)> WriteAsync(World world, Child child)
    {
        var before = await AppendedAsync(child);
        var since = Stopwatch.GetTimestamp();
        await child.TellAsync($"load {Writers}");
        await Task.Delay(Turn);
        var appended = await AppendedAsync(child) - before;
        var rate = appended / Stopwatch.GetElapsedTime(since).TotalSeconds;
        since = Stopwatch.GetTimestamp();
        var head = (await world.Store.GetHeadAsync()).Final;
        await world.UntilSeenAsync(head, SeenSoon, since, "stalling");
        return (rate, await world.UntilSeenAsync(head, SeenSoon, since, "free"));
    }

    private static async Task<long> AppendedAsync(Child child) =>
        long.Parse((await child.AskAsync("quiet", "quiet ", Patience)).Split(' ')[1], CultureInfo.InvariantCulture);

    private static async Task<Footprint> MemoryAsync(Child child) => Footprint.Parse(await child.AskAsync("measure", Footprint.Beginning, Patience));

    /// <summary>The slow ones stand still, or nothing is proven; the fast projections beside the stalled one do not.</summary>
    private static async Task<Footprint> CheckStalledAsync(TortureRun run, World world, Child stalling)
    {
        var head = (await world.Store.GetHeadAsync()).Final;
        var shown = await world.UntilAsync(
            "the projections beside the one that stalls show everything",
            board => board.Rows.Where(row => Fast.Contains(row.Key.Consumer)).All(row => row.Position >= head),
            Patience);
        run.Figure("fast projections at the head after, s", Math.Round(shown.TotalSeconds, 1));
        foreach (var path in Directory.GetFiles(world.Folder, "slow-stalling*.seen").Where(path => SeenFile.LastOf(path) >= head.Value))
        {
            run.Violation($"{Path.GetFileName(path)} was to stall, and has seen everything.");
        }

        if ((await world.BoardAsync()).Rows.Single(row => row.Key.Consumer == Stalled).Position >= head)
        {
            run.Violation($"The projection {Stalled} was to stall, and shows everything.");
        }

        return await MemoryAsync(stalling);
    }

    private static async Task<long> SizeAsync(World world)
    {
        await using var command = world.DataSource.CreateCommand(
            $"select (coalesce(sum(octet_length(data::text) + coalesce(octet_length(metadata::text), 0)), 0) / 1048576)::bigint from {world.SchemaName}.events");
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private static void CheckRates(TortureRun run, List<double> stalling, List<double> free)
    {
        var (beside, without) = (Undisturbed(stalling), Undisturbed(free));
        var ratio = beside / without;
        run.Figure("appends a second beside stalled readers", Math.Round(beside));
        run.Figure("appends a second without", Math.Round(without));
        run.Figure("ratio", Math.Round(ratio, 2));
        run.Checked("turns with and without stalled readers", stalling.Count);
        if (!(ratio >= LeastRatio))
        {
            run.Violation($"Beside stalled readers {beside:0} appends a second were acknowledged, without them {without:0}.");
        }
    }

    /// <summary>The better half: what else a machine has to do makes a turn slower and never faster.</summary>
    private static double Undisturbed(List<double> rates) => rates.OrderDescending().Take((rates.Count + 1) / 2).Average();

    private static void CheckMemory(TortureRun run, Footprint before, Footprint after)
    {
        run.Figure("heap before and after, MB", $"{before.Heap >> 20} {after.Heap >> 20}");
        run.Figure("working set before and after, MB", $"{before.WorkingSet >> 20} {after.WorkingSet >> 20}");
        run.Checked("memory");
        if (after.Heap - before.Heap > MostGrowth)
        {
            run.Violation($"Beside stalled readers the heap grew from {before.Heap >> 20} to {after.Heap >> 20} MiB; {MostGrowth >> 20} MiB more are what they may hold.");
        }
    }
}
