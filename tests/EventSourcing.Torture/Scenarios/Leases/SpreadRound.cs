namespace EventSourcing.Torture;

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
                board => board.Rows.Count == Projections && Board.IsEven(board, processes),
                Limit));

            // And it stays so.
            var before = await world.BoardAsync();
            await Task.Delay(1_200);
            var after = await world.BoardAsync();
            if (!before.Rows.Select(row => row.Epoch).SequenceEqual(after.Rows.Select(row => row.Epoch)))
            {
                throw new ProofFailedException($"The work of {processes} processes goes to and fro:\n{Board.Describe(before)}\nand then:\n{Board.Describe(after)}");
            }
        }
    }
}
