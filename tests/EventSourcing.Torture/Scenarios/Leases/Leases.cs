using System.Diagnostics;

namespace EventSourcing.Torture;

/// <summary>Who runs what: each round in a world of its own, one after the other until the time is over, and each at least once.</summary>
internal static class Leases
{
    private static readonly (string Name, Func<World, Random, Task> RunAsync)[] Rounds =
    [
        ("stops", (world, random) => StopRound.RunAsync(world, stops: 2, random)),
        ("late page of labels", (world, _) => HeldPageRound.RunAsync(world, "labels")),
        ("late page of ledgers", (world, _) => HeldPageRound.RunAsync(world, "ledgers")),
        ("late page of sums", (world, _) => HeldPageRound.RunAsync(world, "sums")),
        ("inside", (world, _) => InsideRound.RunAsync(world)),
        ("take-over", (world, random) => TakeOverRound.RunAsync(world, times: 1, random)),
        ("spread", (world, _) => SpreadRound.RunAsync(world)),
        ("rebuild", (world, random) => RebuildRound.RunAsync(world, random, eventsPerStream: 25)),
    ];

    public static async Task RunAsync(TortureRun run)
    {
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
                await using var world = await World.CreateAsync(run);
                await round(world, run.RandomFor(name, cycle));
                await world.EndLoadAsync();
                await world.CheckHistoryAsync();
                run.Count("rounds");
                run.Say($"{name}: {Stopwatch.GetElapsedTime(since).TotalSeconds:0} s");
            }
        }
    }
}
