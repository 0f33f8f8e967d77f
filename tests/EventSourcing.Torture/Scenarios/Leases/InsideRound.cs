using System.Diagnostics;

namespace EventSourcing.Torture;

/// <summary>Free SQL stands still in the middle of its transaction for longer than the lease.</summary>
internal static class InsideRound
{
    public static async Task RunAsync(World world)
    {
        await world.StartAsync();
        await world.StartAsync();
        var before = await world.AppendToAllAsync();
        await world.UntilAsync("two processes share the work", board => Board.IsEven(board, 2) && Board.HasPassed(board, before), TimeSpan.FromSeconds(20));

        // A slow handler in a process that is there otherwise: nobody takes its page away.
        var old = await HoldAsync(world);
        var epoch = Epoch(await world.BoardAsync());
        await Task.Delay(4_500);
        if (Epoch(await world.BoardAsync()) != epoch)
        {
            throw new ProofFailedException("The page of a living process was taken from it.");
        }

        await old.TellAsync("go");
        await world.CheckAtHeadAsync();

        // A process that stands still: the server ends its transaction, and another takes over.
        old = await HoldAsync(world);
        var since = Stopwatch.GetTimestamp();
        await old.StopAsync();
        var after = await world.UntilAsync(
            "the other has taken over", board => Epoch(board) != epoch && Board.HasPassed(board, new LogPosition(1)), TimeSpan.FromSeconds(20), since);
        await old.TellAsync("go");
        await old.ContinueAsync();
        await world.QuiesceAsync();
        world.Say($"in the middle of free SQL: a living process keeps its page for 4.5 s; of one that stands still it is taken after {after.TotalSeconds:0.00} s");
    }

    private static long Epoch(ConsumerBoard board) => board.Rows.Single(row => row.Key.Consumer == "sums").Epoch;

    private static async Task<Child> HoldAsync(World world)
    {
        var owner = world.OwnerOf(await world.BoardAsync(), "sums");
        var times = owner.CountSaid($"held {Holds.Inside}");
        await owner.TellAsync($"hold {Holds.Inside}");
        await owner.HearAsync($"holds {Holds.Inside}", TimeSpan.FromSeconds(10));
        await Task.Delay(100);
        await world.AppendToAllAsync();
        await world.UntilAsync("a handler is held", _ => owner.CountSaid($"held {Holds.Inside}") > times, TimeSpan.FromSeconds(10));
        return owner;
    }
}
