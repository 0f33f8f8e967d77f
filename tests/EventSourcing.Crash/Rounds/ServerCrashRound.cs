using EventSourcing.TestInfrastructure;

namespace EventSourcing.Crash;

/// <summary>The server itself crashes, and loses the pages that it had not yet written to the disk.</summary>
internal static class ServerCrashRound
{
    public static async Task RunAsync(Action<string> say, int crashes, int seed)
    {
        await using var cluster = await PostgreSqlServer.StartDedicatedAsync();
        await using var world = await World.CreateAsync(say, cluster.ConnectionString);
        var random = new Random(seed);
        await world.StartAsync(seed: random.Next());
        await world.StartAsync(seed: random.Next());
        await world.AppendToAllAsync();
        await world.CheckAtHeadAsync();
        var lost = 0;
        for (var crash = 1; crash <= crashes; crash++)
        {
            // Under load, and in the silence after an event: then nothing that comes later writes the page to the disk.
            var isUnderLoad = crash % 2 == 1;
            if (isUnderLoad)
            {
                foreach (var child in world.Running)
                {
                    await child.TellAsync("load 2");
                }

                await Task.Delay(random.Next(500, 2_500));
            }

            var position = new LogPosition(0);
            if (!isUnderLoad)
            {
                position = await world.AppendToAllAsync();
                await world.UntilAsync("it is shown", board => World.HasPassed(board, position), TimeSpan.FromSeconds(5));
            }

            await cluster.StopAsync(immediate: true);
            await cluster.StartAsync();
            world.DataSource.Clear();
            lost += isUnderLoad || World.HasPassed(await world.BoardAsync(), position) ? 0 : 1;
            await (isUnderLoad ? world.QuiesceAsync() : world.CheckAtHeadAsync());
        }

        var end = await world.QuiesceAsync();
        world.Say($"server: {crashes} crashes, {end.Log.Count} events, {lost} times pages were lost and came again, {world.Refused} pages refused");
    }
}
