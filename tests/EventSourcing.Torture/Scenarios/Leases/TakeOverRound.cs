using System.Diagnostics;

namespace EventSourcing.Torture;

/// <summary>How soon the work of a process that is gone goes on elsewhere: from its end until every read model shows an event that
/// was appended afterwards.</summary>
internal static class TakeOverRound
{
    private static readonly TimeSpan AfterKill = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan AfterEnd = TimeSpan.FromSeconds(2);

    public static async Task RunAsync(World world, int times, Random random)
    {
        await world.StartAsync();
        await world.StartAsync();
        var (kills, ends) = (new List<TimeSpan>(), new List<TimeSpan>());
        for (var i = 0; i < times * 2; i++)
        {
            await world.StartAsync();
            await world.UntilAsync("three processes share the work", board => Board.IsEven(board, 3), TimeSpan.FromSeconds(20));
            await Task.Delay(random.Next(600));
            var child = world.Running[random.Next(3)];
            var since = Stopwatch.GetTimestamp();
            var isKill = i % 2 == 0;
            await (isKill ? child.KillAsync() : child.EndAsync());
            var position = await world.AppendToAllAsync();
            var limit = isKill ? AfterKill : AfterEnd;
            (isKill ? kills : ends).Add(await world.UntilAsync(
                $"the work of a process that was {(isKill ? "killed" : "ended")} is taken over", board => Board.HasPassed(board, position), limit, since));
            if (!isKill)
            {
                await child.ExpectEndAsync(TimeSpan.FromSeconds(10));
            }
        }

        await world.QuiesceAsync();
        world.Say($"taken over: after kill -9 {Times.Of(kills)} of {kills.Count}; after an orderly end {Times.Of(ends)} of {ends.Count}");
    }
}
