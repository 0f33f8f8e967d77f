using System.Text.Json;

namespace EventSourcing.Benchmarks;

/// <summary>Lets a log grow, and measures appends and loads at each size.</summary>
internal static class Grow
{
    private const int Factor = 10;

    public static async Task RunAsync(long to, TimeSpan time, CancellationToken cancellationToken)
    {
        await using var small = await BenchmarkDatabase.CreateAsync(cancellationToken);
        await using var large = await BenchmarkDatabase.CreateAsync(cancellationToken);
        await LogFiller.FillAsync(small, GrowScenario.SmallSize, GrowScenario.StreamLength, cancellationToken);
        var size = Math.Min(GrowScenario.SmallSize, to);
        while (true)
        {
            await LogFiller.FillAsync(large, size, GrowScenario.StreamLength, cancellationToken);
            var append = await Duel.RunAsync(new GrowScenario(large, small, size, isAppend: true), time, cancellationToken);
            var load = await Duel.RunAsync(new GrowScenario(large, small, size, isAppend: false), time, cancellationToken);
            if (size == to)
            {
                var sum = new Dictionary<string, object?>(append)
                {
                    ["operation"] = "append and load",
                    ["loadOpsPerSec"] = load["opsPerSec"],
                    ["appendRatio"] = append["ratio"],
                    ["loadRatio"] = load["ratio"],
                    ["ratio"] = Math.Min((double)append["ratio"]!, (double)load["ratio"]!),
                };
                Console.WriteLine(JsonSerializer.Serialize(sum));
                return;
            }

            size = Math.Min(to, size * Factor);
        }
    }
}
