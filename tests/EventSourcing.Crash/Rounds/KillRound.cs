namespace EventSourcing.Crash;

/// <summary>Processes are killed at random moments under load and started again.</summary>
internal static class KillRound
{
    public static async Task RunAsync(World world, int kills, int seed, int processes = 3)
    {
        var random = new Random(seed);
        for (var i = 0; i < processes; i++)
        {
            await world.StartAsync(writers: 2, seed: random.Next());
        }

        for (var kill = 1; kill <= kills; kill++)
        {
            await Task.Delay(random.Next(100, 1_500));
            if (random.Next(3) == 0)
            {
                await world.CheckAsync();
            }

            var running = world.Running;
            await running[random.Next(running.Count)].KillAsync();
            await world.StartAsync(writers: 2, seed: random.Next());
            if (kill % 10 == 0)
            {
                world.Say($"  {kill} kills");
            }
        }

        var end = await world.QuiesceAsync();
        if (end.Log.Count < kills * 20)
        {
            throw new ProofFailedException($"Only {end.Log.Count} events were appended: that is no load.");
        }

        world.Say($"kills: {kills} kills of {processes} processes, {end.Log.Count} events, {world.Checks} checks, {world.Refused} pages refused");
    }
}
