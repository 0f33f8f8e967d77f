namespace EventSourcing.Crash;

/// <summary>Ten projections, and processes that come and go.</summary>
internal static class SpreadRound
{
    private const int Projections = 10;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    public static async Task RunAsync(World world)
    {
        var times = new List<TimeSpan>();
        for (var processes = 1; processes <= 3; processes++)
        {
            await world.StartAsync(spread: Projections);
            await EvenAsync(processes);
        }

        await world.Running[1].EndAsync();
        await EvenAsync(2);
        await world.Running[0].KillAsync();
        await EvenAsync(1);
        world.Say($"spread: {Projections} projections over 1, 2, 3, 2 and 1 processes, even after {Times.Of(times)}");

        async Task EvenAsync(int processes)
        {
            times.Add(await world.UntilAsync(
                $"{processes} processes share the work evenly",
                board => board.Rows.Count == Projections && World.IsEven(board, processes),
                Limit));

            // And it stays so.
            var epochs = (await world.BoardAsync()).Rows.Sum(row => row.Epoch);
            await Task.Delay(1_200);
            if ((await world.BoardAsync()).Rows.Sum(row => row.Epoch) != epochs)
            {
                throw new ProofFailedException("The work goes to and fro.");
            }
        }
    }
}
