using EventSourcing.TestInfrastructure;

namespace EventSourcing.Torture;

/// <summary>The server crashes, in each of two ways, and loses what it had not yet written to the disk.</summary>
internal static class CrashServer
{
    public static async Task RunAsync(TortureRun run)
    {
        await using var cluster = await PostgreSqlServer.StartDedicatedAsync();
        await using var world = await World.CreateAsync(run, cluster.ConnectionString);
        var random = run.RandomFor("crashes");
        await world.StartAsync(seed: random.Next(), subscriber: "subscriber-0");
        await world.StartAsync(seed: random.Next(), subscriber: "subscriber-1");
        await world.AppendToAllAsync();
        await world.CheckAtHeadAsync();
        using var over = run.Begin();
        for (var crash = 0; !over.IsCancellationRequested; crash++)
        {
            // Under load, and in the silence after an event: then nothing that comes later writes the page to the disk.
            var isUnderLoad = crash % 2 == 0;
            var position = new LogPosition(0);
            if (isUnderLoad)
            {
                foreach (var child in world.Running)
                {
                    await child.TellAsync("load 2");
                }

                await Task.Delay(random.Next(500, 2_500));
            }
            else
            {
                position = await world.AppendToAllAsync();
                await world.UntilAsync("it is shown", board => Board.HasPassed(board, position), TimeSpan.FromSeconds(5));
            }

            await CrashAsync(cluster, isKill: random.Next(2) == 0, run);
            await cluster.StartAsync();
            world.DataSource.Clear();
            if (!isUnderLoad && !Board.HasPassed(await world.BoardAsync(), position))
            {
                run.Count("timesPagesWereLost");
            }

            await (isUnderLoad ? world.QuiesceAsync() : world.CheckAtHeadAsync());
        }

        await world.QuiesceAsync();
        await world.CheckHistoryAsync();
        run.Figure("pagesRefused", world.Refused);
        run.Checked("read models against a fold", world.Checks);
    }

    private static async Task CrashAsync(PostgreSqlCluster cluster, bool isKill, TortureRun run)
    {
        if (isKill)
        {
            await cluster.KillAsync();
            run.Count("kill -9");
        }
        else
        {
            await cluster.StopAsync(immediate: true);
            run.Count("stop -m immediate");
        }
    }
}
