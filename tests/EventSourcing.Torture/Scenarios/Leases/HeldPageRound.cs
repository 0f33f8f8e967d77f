namespace EventSourcing.Torture;

/// <summary>A page that was read and folded in time arrives too late, when another process has taken over and not yet written:
/// nothing but the epoch can tell.</summary>
internal static class HeldPageRound
{
    public static async Task RunAsync(World world, string projection)
    {
        await world.StartAsync();
        await world.StartAsync();
        var before = await world.AppendToAllAsync();
        await world.UntilAsync("two processes share the work", board => Board.IsEven(board, 2) && Board.HasPassed(board, before), TimeSpan.FromSeconds(20));
        foreach (var child in world.Running)
        {
            await child.TellAsync($"hold {projection}");
            await child.HearAsync($"holds {projection}", TimeSpan.FromSeconds(10));
        }

        var old = world.OwnerOf(await world.BoardAsync(), projection);
        var other = world.Running.Single(child => child != old);
        await world.AppendToAllAsync();
        await old.HearAsync($"held {projection}", TimeSpan.FromSeconds(10));
        await old.StopAsync();
        await other.HearAsync($"held {projection}", TimeSpan.FromSeconds(10));
        await old.TellAsync("go");
        await old.ContinueAsync();
        await old.HearAsync($"refused {projection}", TimeSpan.FromSeconds(10));
        if (old.CountSaid($"applied {projection}") > 0)
        {
            throw new ProofFailedException($"The late page of '{projection}' was applied.");
        }

        await other.TellAsync("go");
        await other.HearAsync($"applied {projection}", TimeSpan.FromSeconds(10));
        await world.QuiesceAsync();
        world.Say($"late page of {projection}: refused");
    }
}
