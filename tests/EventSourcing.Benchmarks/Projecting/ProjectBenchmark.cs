using System.Diagnostics;
using System.Text.Json;
using EventSourcing.PostgreSql;

namespace EventSourcing.Benchmarks;

/// <summary>What is projected, and how.</summary>
internal sealed record ProjectSettings(int Events, int Streams, bool IsClustered, int Shards, int Page);

/// <summary>
/// Builds a read model of one document for each stream from the beginning of the log to its end, with the runner of an application.
/// Floor: the same by hand, with pages of the same size. In turns, each time into new tables.
/// </summary>
internal sealed class ProjectBenchmark(BenchmarkDatabase database, ProjectSettings settings, TimeSpan time)
{
    private const int FewestRounds = 5;

    private readonly OrderLog log = new(settings.Events, settings.Streams, settings.IsClustered);
    private readonly FloorProjector floor = new(database.DataSource, database.Schema, settings.Page);
    private int models;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await log.FillAsync(database, cancellationToken);
        _ = await OursAsync(cancellationToken);
        _ = await FloorAsync(cancellationToken);
        var (ours, floors) = (new List<Side>(), new List<Side>());
        for (var round = 0; round < FewestRounds || Math.Max(ours.Sum(one => one.Seconds), floors.Sum(one => one.Seconds)) < time.TotalSeconds; round++)
        {
            // Whoever goes first meets the database as the other has left it: take turns in that too.
            foreach (var isOurs in round % 2 == 0 ? new[] { true, false } : [false, true])
            {
                (isOurs ? ours : floors).Add(isOurs ? await OursAsync(cancellationToken) : await FloorAsync(cancellationToken));
            }

            Print(ours[round], floors[round], floors[round].Seconds / ours[round].Seconds, round + 1);
        }

        var ratios = ours.Zip(floors, (one, other) => other.Seconds / one.Seconds).Order().ToArray();
        Print(Side.Sum(ours), Side.Sum(floors), ratios[ratios.Length / 2], round: null);
    }

    private async Task<Side> OursAsync(CancellationToken cancellationToken)
    {
        var views = new PostgreSqlViewStore(database.Store, OrderViews.Serializer);
        var projection = new OrderViews($"orders-{++models}", settings.Shards);
        var runner = new ProjectionRunner(
            database.Store,
            OrderViews.Serializer,
            [views.Bind(projection)],
            new ConsumerOptions { PageSize = settings.Page },
            new PostgreSqlConsumerStore(database.Store));
        try
        {
            var side = await MeasureAsync(() => runner.CatchUpAsync(cancellationToken));
            var found = new Dictionary<string, OrderView>(StringComparer.Ordinal);
            await foreach (var (key, view) in views.Open(projection).ReadAllAsync(cancellationToken))
            {
                found.Add(key, view);
            }

            VerifyViews("ours", found);
            return side;
        }
        finally
        {
            await database.ExecuteAsync(
                $"""
                drop schema if exists "{database.Schema}_orders_{models}" cascade;
                delete from {database.Schema}.consumers where name = '{projection.Name}'
                """,
                CancellationToken.None);
        }
    }

    private async Task<Side> FloorAsync(CancellationToken cancellationToken)
    {
        try
        {
            var side = await MeasureAsync(() => floor.CatchUpAsync(cancellationToken));
            VerifyViews("floor", await floor.ReadAllAsync(cancellationToken));
            return side;
        }
        finally
        {
            await floor.DropAsync(CancellationToken.None);
        }
    }

    private static async Task<Side> MeasureAsync(Func<Task> catchUp)
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var allocated = GC.GetTotalAllocatedBytes(precise: true);
        var watch = Stopwatch.StartNew();
        await catchUp();
        var elapsed = watch.Elapsed;
        return new Side(1, elapsed.TotalSeconds, GC.GetTotalAllocatedBytes(precise: true) - allocated, [elapsed.TotalMilliseconds]);
    }

    private void VerifyViews(string side, Dictionary<string, OrderView> found)
    {
        Verify.Equal($"{side}: documents", log.Expected.Count, found.Count);
        foreach (var (key, view) in log.Expected)
        {
            Verify.Equal($"{side}: {key}", view, found.GetValueOrDefault(key));
        }
    }

    private void Print(Side ours, Side floors, double ratio, int? round)
    {
        var line = new Dictionary<string, object?>
        {
            ["scenario"] = "project",
            ["events"] = settings.Events,
            ["streams"] = settings.Streams,
            ["clustered"] = settings.IsClustered,
            ["shards"] = settings.Shards,
            ["page"] = settings.Page,
        };
        if (round is not null)
        {
            line["round"] = round;
        }

        Array.Sort(ours.Milliseconds);
        Array.Sort(floors.Milliseconds);
        line["eventsPerSec"] = Math.Round(ours.PerSecond * settings.Events, 1);
        line["p50Ms"] = Percentile(ours, 0.50);
        line["p99Ms"] = Percentile(ours, 0.99);
        line["allocatedBytesPerEvent"] = ours.AllocatedBytes / (ours.Operations * settings.Events);
        line["floor"] = Math.Round(floors.PerSecond * settings.Events, 1);
        line["floorP50Ms"] = Percentile(floors, 0.50);
        line["floorP99Ms"] = Percentile(floors, 0.99);
        line["floorAllocatedBytesPerEvent"] = floors.AllocatedBytes / (floors.Operations * settings.Events);
        line["ratio"] = Math.Round(ratio, 3);
        line["operations"] = ours.Operations;
        line["verified"] = true;
        Console.WriteLine(JsonSerializer.Serialize(line));
    }

    private static double Percentile(Side side, double part) =>
        Math.Round(side.Milliseconds[(int)(part * (side.Milliseconds.Length - 1))], 3);
}
