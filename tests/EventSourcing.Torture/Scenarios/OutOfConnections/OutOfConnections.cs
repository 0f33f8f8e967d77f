using System.Diagnostics;

namespace EventSourcing.Torture;

/// <summary>The server has no connection left for the application, and the application's own pool none for all that want one.</summary>
internal static class OutOfConnections
{
    private static readonly (string Name, Func<TortureRun, CrowdedCluster, int, Task> RunAsync)[] Rounds =
    [
        ("crowded server", CrowdedRound.RunAsync),
        ("pool of one", (run, cluster, cycle) => SmallPoolRound.RunAsync(run, cluster, connections: 1, cycle)),
        ("pool of two", (run, cluster, cycle) => SmallPoolRound.RunAsync(run, cluster, connections: 2, cycle)),
        ("pool that is held", HeldPoolRound.RunAsync),
    ];

    public static async Task RunAsync(TortureRun run)
    {
        await using var cluster = await CrowdedCluster.StartAsync();
        using var over = run.Begin();
        for (var cycle = 0; cycle == 0 || !over.IsCancellationRequested; cycle++)
        {
            foreach (var (name, round) in Rounds)
            {
                if (cycle > 0 && over.IsCancellationRequested)
                {
                    return;
                }

                var since = Stopwatch.GetTimestamp();
                await round(run, cluster, cycle);
                run.Count("rounds");
                run.Say($"{name}: {Stopwatch.GetElapsedTime(since).TotalSeconds:0.0} s");
            }
        }
    }
}
