namespace EventSourcing.Torture;

/// <summary>Processes that write, project and subscribe are killed at random moments and started again.</summary>
internal static class CrashClient
{
    private const int Processes = 3;
    private const int Writers = 2;

    public static async Task RunAsync(TortureRun run)
    {
        await using var world = await World.CreateAsync(run);
        var random = run.RandomFor("kills");
        var children = new Child[Processes];
        for (var i = 0; i < Processes; i++)
        {
            children[i] = await StartAsync(i);
        }

        using var over = run.Begin();
        while (!over.IsCancellationRequested)
        {
            await Task.Delay(random.Next(100, 1_500));
            if (random.Next(3) == 0)
            {
                await world.CheckAsync();
            }

            var victim = random.Next(Processes);
            await children[victim].KillAsync();
            children[victim] = await StartAsync(victim);
            run.Count("kills");
        }

        var end = await world.QuiesceAsync();
        await world.CheckHistoryAsync();
        run.Figure("pagesRefused", world.Refused);
        run.Checked("read models against a fold", world.Checks);
        if (end.Log.Count < 100)
        {
            run.Violation($"Only {end.Log.Count} events were appended: that is no load.");
        }

        Task<Child> StartAsync(int slot) => world.StartAsync(writers: Writers, seed: random.Next(), subscriber: $"subscriber-{slot}");
    }
}
