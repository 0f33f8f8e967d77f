namespace EventSourcing.Crash;

/// <summary>All rounds, each in a world of its own.</summary>
internal sealed class Proof(Action<string> say, int seed)
{
    public static readonly string[] Rounds = ["kills", "stops", "late", "inside", "takeover", "spread", "rebuild", "server"];

    public async Task RunAsync(IEnumerable<string> rounds, int kills)
    {
        foreach (var round in rounds)
        {
            var since = System.Diagnostics.Stopwatch.GetTimestamp();
            await RunAsync(round, kills);
            say($"  {round} took {System.Diagnostics.Stopwatch.GetElapsedTime(since).TotalSeconds:0} s");
        }
    }

    public Task RunAsync(string round, int kills) => round switch
    {
        "kills" => InAsync(world => KillRound.RunAsync(world, kills, seed)),
        "stops" => InAsync(world => StopRound.RunAsync(world, Math.Max(1, kills / 10), seed)),
        "late" => LateAsync(),
        "inside" => InAsync(InsideRound.RunAsync),
        "takeover" => InAsync(world => TakeOverRound.RunAsync(world, Math.Max(1, kills / 8), seed)),
        "spread" => InAsync(SpreadRound.RunAsync),
        "rebuild" => InAsync(world => RebuildRound.RunAsync(world, seed, eventsPerStream: kills >= 50 ? 100 : 25)),
        "server" => ServerCrashRound.RunAsync(say, Math.Max(2, kills / 10), seed),
        _ => throw new ArgumentException($"There is no round '{round}'; there are: {string.Join(", ", Rounds)}.", nameof(round)),
    };

    private async Task LateAsync()
    {
        foreach (var projection in new[] { "labels", "ledgers", "sums" })
        {
            await InAsync(world => HeldPageRound.RunAsync(world, projection));
        }
    }

    private async Task InAsync(Func<World, Task> run)
    {
        await using var world = await World.CreateAsync(say);
        await run(world);
    }
}
