using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace EventSourcing.Benchmarks;

/// <summary>A short round of everything, and a table of it.</summary>
internal static class AllScenarios
{
    private static readonly (string Arguments, double? Goal)[] Rounds =
    [
        ("append --writers 64 --seconds 5", 2.5),
        ("append --writers 1 --seconds 4", 0.8),
        ("append --writers 32 --existing --seconds 5", 2.0),
        ("command --writers 32 --seconds 6", 1.5),
        ("command --writers 32 --optimistic --seconds 6", 2.5),
        ("command --writers 32 --cold --seconds 4", null),
        ("dcb --writers 32 --seconds 5", 0.5),
        ("bulk --events 100000 --seconds 5", 0.8),
        ("restore --events 100000 --streams 1000", null),
        ("load --events 100 --seconds 3", 0.9),
        ("load --events 1000 --seconds 3", 0.9),
        ("load --events 100 --warm --seconds 3", null),
        ("readall --events 200000 --seconds 4", 0.8),
        ("project --events 50000 --streams 500 --seconds 2", null),
        ("project --events 50000 --streams 500 --clustered --seconds 2", null),
        ("latency --seconds 4", null),
        ("grow --to 1000000 --seconds 2", 0.9),
    ];

    public static async Task<int> RunAsync(RootCommand root, FileInfo table, CancellationToken cancellationToken)
    {
        var lines = new StringBuilder(
            """
            | scenario | ours/s | floor/s | ratio | goal | p50 ms (floor) | p99 ms (floor) | allocated bytes an operation |
            | --- | --- | --- | --- | --- | --- | --- | --- |

            """);
        var console = Console.Out;
        foreach (var (arguments, goal) in Rounds)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var remembered = new StringWriter();
            Console.SetOut(remembered);
            try
            {
                if (await root.Parse(arguments).InvokeAsync(cancellationToken: cancellationToken) != 0)
                {
                    return 1;
                }
            }
            finally
            {
                Console.SetOut(console);
            }

            var printed = remembered.ToString().Trim();
            Console.WriteLine(printed);
            foreach (var line in printed.Split('\n').Where(line => !line.Contains("\"round\"", StringComparison.Ordinal)))
            {
                lines.AppendLine(Row(arguments, goal, JsonDocument.Parse(line).RootElement));
            }
        }

        await File.WriteAllTextAsync(table.FullName, lines.ToString(), cancellationToken);
        await Console.Error.WriteLineAsync($"The table is in {table.FullName}");
        return 0;
    }

    private static string Row(string arguments, double? goal, JsonElement line)
    {
        string Number(string name, string format = "#,0") =>
            line.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble().ToString(format, CultureInfo.InvariantCulture) : "";
        string Rate() => Number(line.TryGetProperty("eventsPerSec", out _) ? "eventsPerSec" : "opsPerSec");
        string Allocated() => line.TryGetProperty("allocatedBytesPerEvent", out _) ? $"{Number("allocatedBytesPerEvent")} an event" : Number("allocatedBytesPerOp");
        string Text(string name) => line.TryGetProperty(name, out var value) ? $", {value}" : "";
        var what = arguments.Split(' ')[0] switch
        {
            "latency" => Text("scenario"),
            "restore" => Text("operation"),
            "grow" => Text("operation") + Text("events"),
            _ => "",
        };
        var append = line.TryGetProperty("appendRatio", out var ratio) && ratio.ValueKind == JsonValueKind.Number ? $", `appendRatio` {ratio.GetDouble():0.00}" : "";
        return $"| `{arguments}`{what}{append} | {Rate()} | {Number("floor")} | {Number("ratio", "0.00")} | {goal?.ToString("0.0", CultureInfo.InvariantCulture)} "
            + $"| {Number("p50Ms", "0.00")} ({Number("floorP50Ms", "0.00")}) | {Number("p99Ms", "0.0")} ({Number("floorP99Ms", "0.0")}) | {Allocated()} |";
    }
}
