using EventSourcing.TestInfrastructure;
using Npgsql;

namespace EventSourcing.Torture;

/// <summary>
/// Everything at once, for as long as it is let: applications that write in all ways, decide, project, react, publish and subscribe,
/// while one thing after the other breaks. One of them lives through all of it, and may not take more at the end than at the start.
/// </summary>
internal static class Soak
{
    private const int Mortals = 3;
    private const int Writers = 2;

    public static async Task RunAsync(TortureRun run)
    {
        await using var cluster = await PostgreSqlServer.StartDedicatedAsync();
        await using var world = await World.CreateAsync(run, cluster.ConnectionString);
        var isLoaded = false;
        var faults = new SoakFaults(run, world, cluster, StartAsync);
        var immortal = await StartAsync(Mortals, run.RandomFor("immortal").Next());
        await faults.StartAllAsync(Mortals);
        await ApplicationCheck.UntilInlineAsync(world);
        foreach (var child in world.Running)
        {
            await child.TellAsync($"load {Writers}");
        }

        isLoaded = true;
        using var over = run.Begin();

        // The first part is for what is taken once: code that is compiled, caches that fill up, pools that find their size.
        using var warm = new CancellationTokenSource(run.Duration / 4);
        await TormentAsync(warm.Token);
        var before = await LongLife.MeasureAsync(immortal, world);
        await TormentAsync(over.Token);
        await faults.EndAsync();
        var after = await LongLife.MeasureAsync(immortal, world);
        LongLife.Compare(run, before, after);

        var end = await world.QuiesceAsync();
        await world.CheckHistoryAsync();
        await ApplicationCheck.RunAsync(world, end, faults.Count);
        run.Figure("pagesRefused", world.Refused);
        run.Checked("read models against a fold", world.Checks);
        if (end.Log.Count < 100)
        {
            run.Violation($"Only {end.Log.Count} events were appended: that is no load.");
        }

        async Task TormentAsync(CancellationToken stopping)
        {
            do
            {
                await faults.NextAsync();
            }
            while (!stopping.IsCancellationRequested);
        }

        Task<Child> StartAsync(int slot, int seed) => world.StartAsync(
            writers: isLoaded ? Writers : 0,
            seed: seed,
            subscriber: $"subscriber-{slot}",
            connectionString: new NpgsqlConnectionStringBuilder(cluster.ConnectionString) { ApplicationName = LongLife.NameOf(slot == Mortals) }.ConnectionString,
            configure: options => options with
            {
                // One without an inline projection: appends go together there, as they do not with one.
                IsApplication = slot > 0,
                Category = slot > 0 ? Accounts.Category : "plain",
                Commanders = 1,
                Imports = slot == 0,
            });
    }
}
