using System.Text.Json;

namespace EventSourcing.Benchmarks;

/// <summary>
/// Runs both sides in turns, so that whatever else the machine does hits both, verifies what they wrote, and prints one
/// JSON object for each round and one for the whole.
/// </summary>
internal static class Duel
{
    private const int Rounds = 5;

    /// <summary>Runs a scenario.</summary>
    /// <returns>The line for the whole, which is also the last that was printed.</returns>
    public static async Task<IReadOnlyDictionary<string, object?>> RunAsync(IScenario scenario, TimeSpan time, CancellationToken cancellationToken)
    {
        await scenario.SetUpAsync(cancellationToken);

        // Long enough for the compiler to have seen what is hot; what comes before is no measure of either side.
        var warmUp = TimeSpan.FromSeconds(Math.Min(4, time.TotalSeconds / 2));
        var warmOurs = await Side.MeasureAsync(scenario.OursAsync, warmUp, cancellationToken);
        var warmFloor = await Side.MeasureAsync(scenario.FloorAsync, warmUp, cancellationToken);

        var ours = new List<Side>();
        var floor = new List<Side>();
        for (var round = 0; round < Rounds; round++)
        {
            // Whoever goes first meets the database as the other has left it: take turns in that too.
            foreach (var isOurs in round % 2 == 0 ? new[] { true, false } : [false, true])
            {
                (isOurs ? ours : floor).Add(await Side.MeasureAsync(
                    isOurs ? scenario.OursAsync : scenario.FloorAsync, time / Rounds, cancellationToken));
            }
        }

        await scenario.VerifyAsync(
            warmOurs.Operations + ours.Sum(side => side.Operations),
            warmFloor.Operations + floor.Sum(side => side.Operations),
            cancellationToken);

        for (var round = 0; round < Rounds; round++)
        {
            _ = Print(scenario, ours[round], floor[round], ours[round].PerSecond / floor[round].PerSecond, round + 1);
        }

        var ratios = ours.Zip(floor, (one, other) => one.PerSecond / other.PerSecond).Order().ToArray();
        return Print(scenario, Side.Sum(ours), Side.Sum(floor), ratios[Rounds / 2], round: null);
    }

    private static Dictionary<string, object?> Print(IScenario scenario, Side ours, Side floor, double ratio, int? round)
    {
        var line = new Dictionary<string, object?> { ["scenario"] = scenario.Name };
        foreach (var (key, value) in scenario.Settings)
        {
            line[key] = value;
        }

        if (round is not null)
        {
            line["round"] = round;
        }

        Array.Sort(ours.Milliseconds);
        Array.Sort(floor.Milliseconds);
        var unit = Math.Max(1, scenario.EventsPerOperation);
        line[scenario.EventsPerOperation > 0 ? "eventsPerSec" : "opsPerSec"] = Math.Round(ours.PerSecond * unit, 1);
        line["p50Ms"] = Percentile(ours, 0.50);
        line["p99Ms"] = Percentile(ours, 0.99);
        line["allocatedBytesPerOp"] = ours.AllocatedBytes / Math.Max(1, ours.Operations);
        line["floor"] = Math.Round(floor.PerSecond * unit, 1);
        line["floorP50Ms"] = Percentile(floor, 0.50);
        line["floorP99Ms"] = Percentile(floor, 0.99);
        line["ratio"] = Math.Round(ratio, 3);
        line["operations"] = ours.Operations;
        line["verified"] = true;
        Console.WriteLine(JsonSerializer.Serialize(line));
        return line;
    }

    private static double Percentile(Side side, double part) =>
        side.Milliseconds.Length == 0
            ? 0
            : Math.Round(side.Milliseconds[(int)Math.Min(side.Milliseconds.Length - 1, part * side.Milliseconds.Length)], 3);
}
