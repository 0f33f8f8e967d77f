namespace EventSourcing.Torture;

/// <summary>Processes stand still for longer than their leases, under load, and wake up as if nothing had been.</summary>
internal static class StopRound
{
    public static async Task RunAsync(World world, int stops, Random random)
    {
        for (var i = 0; i < 3; i++)
        {
            await world.StartAsync(writers: 2, seed: random.Next());
        }

        await world.UntilAsync("three processes share the work", board => Board.IsEven(board, 3), TimeSpan.FromSeconds(20));
        var takeOvers = new List<TimeSpan>();
        for (var stop = 1; stop <= stops; stop++)
        {
            await Task.Delay(random.Next(100, 1_000));
            var child = world.Running[random.Next(3)];
            await child.StopAsync();

            // A page of free SQL, or an append, that stands still in its transaction keeps others waiting until the server ends it.
            takeOvers.Add(await world.UntilAsync(
                "the others have taken over",
                board => board.Rows.All(row => row.IsHeld) && Board.Owned(board).GetValueOrDefault(child.Label) == 0,
                TimeSpan.FromSeconds(20)));
            await world.CheckAsync();
            await child.ContinueAsync();
            await Task.Delay(random.Next(50, 500));
            await world.CheckAsync();
        }

        var end = await world.QuiesceAsync();
        world.Say($"stops: {stops} stops, taken over after {Times.Of(takeOvers)}, {end.Log.Count} events, {world.Checks} checks, {world.Refused} pages refused");
    }
}
