using System.Diagnostics;
using System.Text.Json;
using EventSourcing.PostgreSql;
using Npgsql;
using NpgsqlTypes;

namespace EventSourcing.Benchmarks;

/// <summary>
/// From the return of an append to the delivery of its event, one event every 5 ms: in the process that appends, and in
/// another one. Floor: INSERT and NOTIFY in one statement, LISTEN and SELECT. And what the other process' following costs
/// those who append at full speed.
/// </summary>
internal sealed class LatencyBenchmark(BenchmarkDatabase database, TimeSpan time)
{
    private const int Rounds = 5;
    private const int Writers = 16;

    private static readonly TimeSpan Spacing = TimeSpan.FromMilliseconds(5);
    private static readonly byte[] Payload = "{\"orderId\":4711}"u8.ToArray();

    private readonly NpgsqlDataSource dataSource = database.DataSource;
    private long streams;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await database.ExecuteAsync(
            $"create table {database.Schema}.latency_floor (position bigint generated always as identity primary key, data json not null)",
            cancellationToken);
        await using var child = new ChildProcess(database.ConnectionString);
        var warmUp = TimeSpan.FromSeconds(Math.Min(2, time.TotalSeconds));
        await BothAsync(child: null, warmUp, rounds: 1, cancellationToken);
        var (ours, floor, ratio) = await BothAsync(child: null, time / Rounds, Rounds, cancellationToken);
        Print("same-process", ours, floor, ratio, appends: null);

        await BothAsync(child, warmUp, rounds: 1, cancellationToken);
        (ours, floor, ratio) = await BothAsync(child, time / Rounds, Rounds, cancellationToken);
        await AppendRateAsync(child, warmUp, cancellationToken);
        await AppendRateAsync(follower: null, warmUp, cancellationToken);
        var ratios = new List<double>();
        var (with, without) = (0.0, 0.0);
        for (var round = 0; round < Rounds; round++)
        {
            var rates = new double[2];
            foreach (var side in round % 2 == 0 ? new[] { 0, 1 } : [1, 0])
            {
                rates[side] = await AppendRateAsync(side == 0 ? child : null, time / Rounds, cancellationToken);
            }

            ratios.Add(rates[0] / rates[1]);
            with += rates[0] / Rounds;
            without += rates[1] / Rounds;
        }

        Print("other-process", ours, floor, ratio, (ratios, with, without));
    }

    private static void Print(string scenario, Side ours, Side floor, double ratio, (List<double> Ratios, double With, double Without)? appends)
    {
        var line = new Dictionary<string, object?>
        {
            ["scenario"] = scenario,
            ["benchmark"] = "latency",
            ["spacingMs"] = Spacing.TotalMilliseconds,
            ["opsPerSec"] = Math.Round(ours.PerSecond, 1),
            ["p50Ms"] = Percentile(ours, 0.50),
            ["p99Ms"] = Percentile(ours, 0.99),
            ["allocatedBytesPerOp"] = ours.AllocatedBytes / Math.Max(1, ours.Operations),
            ["floor"] = Math.Round(floor.PerSecond, 1),
            ["floorP50Ms"] = Percentile(floor, 0.50),
            ["floorP99Ms"] = Percentile(floor, 0.99),
            ["ratio"] = Math.Round(ratio, 3),
        };
        if (appends is { } rates)
        {
            line["appendWriters"] = Writers;
            line["appendsPerSecFollowed"] = Math.Round(rates.With, 1);
            line["appendsPerSec"] = Math.Round(rates.Without, 1);
            line["appendRatios"] = rates.Ratios.Select(one => Math.Round(one, 3));
            line["appendRatio"] = Math.Round(rates.Ratios.Order().ElementAt(Rounds / 2), 3);
        }

        line["operations"] = ours.Operations;
        line["verified"] = true;
        Console.WriteLine(JsonSerializer.Serialize(line));
    }

    private static double Percentile(Side side, double part)
    {
        Array.Sort(side.Milliseconds);
        return Math.Round(side.Milliseconds[(int)(part * (side.Milliseconds.Length - 1))], 3);
    }

    /// <summary>Both sides in turns; the ratio is the median of the floor's p50 over ours.</summary>
    private async Task<(Side Ours, Side Floor, double Ratio)> BothAsync(
        ChildProcess? child, TimeSpan timeOfRound, int rounds, CancellationToken cancellationToken)
    {
        var sides = new[] { new List<Side>(), new List<Side>() };
        for (var round = 0; round < rounds; round++)
        {
            foreach (var side in round % 2 == 0 ? new[] { 0, 1 } : [1, 0])
            {
                sides[side].Add(await DeliverAsync(isOurs: side == 0, child, timeOfRound, cancellationToken));
            }
        }

        var ratios = sides[0].Zip(sides[1], (one, other) => Percentile(other, 0.5) / Percentile(one, 0.5)).Order().ToArray();
        return (Side.Sum(sides[0]), Side.Sum(sides[1]), ratios[rounds / 2]);
    }

    /// <summary>Appends at the spacing, and takes each event's time from the return of the append to its delivery.</summary>
    private async Task<Side> DeliverAsync(bool isOurs, ChildProcess? child, TimeSpan timeOfRound, CancellationToken cancellationToken)
    {
        var after = await database.ScalarAsync<long>(
            $"select coalesce(max(position), 0) from {database.Schema}.{(isOurs ? "events" : "latency_floor")}", cancellationToken);
        await using IFollower follower = isOurs
            ? new OursFollower(dataSource, database.Schema, database.Store)
            : new FloorFollower(dataSource, database.Schema);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var delivery = new Delivery(keepsTimes: true);
        var following = Task.CompletedTask;
        if (child is null)
        {
            following = Task.Run(() => follower.FollowAsync(after, delivery.OnReady, delivery.OnEvent, stop.Token), CancellationToken.None);
            await (await Task.WhenAny(following, delivery.Ready));
        }
        else
        {
            await child.StartAsync(isOurs ? "ours" : "floor", database.Schema, after, keepsTimes: true, cancellationToken);
        }

        var returned = new Dictionary<long, long>();
        var allocated = GC.GetTotalAllocatedBytes(precise: true);
        var watch = Stopwatch.StartNew();
        var last = after;
        while (watch.Elapsed < timeOfRound)
        {
            last = isOurs ? await AppendAsync() : await InsertAsync(cancellationToken);
            returned.Add(last, Stopwatch.GetTimestamp());
            await Task.Delay(Spacing, cancellationToken);
        }

        var seconds = watch.Elapsed.TotalSeconds;
        allocated = GC.GetTotalAllocatedBytes(precise: true) - allocated;
        IReadOnlyList<(long Position, long Ticks)> times;
        if (child is null)
        {
            await (await Task.WhenAny(following, delivery.ReachedAsync(last)));
            await stop.CancelAsync();
            await following.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            times = delivery.Times;
        }
        else
        {
            times = (await child.StopAsync(last, cancellationToken)).Times;
        }

        if (!times.Select(one => one.Position).SequenceEqual(returned.Keys))
        {
            throw new InvalidOperationException($"{returned.Count} events were appended, and {times.Count} delivered, or not those.");
        }

        // It may be delivered before its append has returned.
        var milliseconds = times.Select(one => Math.Max(0, one.Ticks - returned[one.Position]) * 1000.0 / Stopwatch.Frequency);
        return new Side(times.Count, seconds, allocated, [.. milliseconds]);
    }

    /// <summary>How many appends a second many writers get through, while somebody follows or while nobody does.</summary>
    private async Task<double> AppendRateAsync(ChildProcess? follower, TimeSpan timeOfRound, CancellationToken cancellationToken)
    {
        var after = (await database.Store.GetHeadAsync(cancellationToken)).Final.Value;
        if (follower is not null)
        {
            await follower.StartAsync("ours", database.Schema, after, keepsTimes: false, cancellationToken);
        }

        var watch = Stopwatch.StartNew();
        var counts = await Task.WhenAll(Enumerable.Range(0, Writers).Select(_ => Task.Run(
            async () =>
            {
                var count = 0L;
                for (; watch.Elapsed < timeOfRound; count++)
                {
                    await AppendAsync();
                }

                return count;
            },
            cancellationToken)));
        var rate = counts.Sum() / watch.Elapsed.TotalSeconds;
        if (follower is not null)
        {
            var head = (await database.Store.GetHeadAsync(cancellationToken)).Final.Value;
            var (_, delivered) = await follower.StopAsync(head, cancellationToken);
            if (delivered != counts.Sum())
            {
                throw new InvalidOperationException($"{counts.Sum()} events were appended, and {delivered} delivered.");
            }
        }

        return rate;
    }

    private async Task<long> AppendAsync()
    {
        var data = new EventData(Guid.CreateVersion7(), "order-placed", Payload);
        var stream = new StreamName($"latency-{Interlocked.Increment(ref streams)}");
        return (await database.Store.AppendAsync(stream, ExpectedVersion.NoStream, [data], CancellationToken.None)).Position.Value;
    }

    private async Task<long> InsertAsync(CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var command = new NpgsqlCommand(
            $"with stored as (insert into {database.Schema}.latency_floor (data) values ($1) returning position) select position, pg_notify('{database.Schema}', '') from stored",
            connection);
        command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = Payload, NpgsqlDbType = NpgsqlDbType.Json });
        await command.PrepareAsync(cancellationToken);
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}
