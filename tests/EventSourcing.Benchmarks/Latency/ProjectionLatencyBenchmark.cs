using System.Diagnostics;
using System.Text.Json;
using EventSourcing.PostgreSql;
using Npgsql;

namespace EventSourcing.Benchmarks;

/// <summary>
/// From the return of an append to the read model that shows its event, while nothing else happens: one event about every 20 ms,
/// the projection in the process that appends, and in another one. Told by whoever asks the database over and over, on a
/// connection of its own, and in other rounds by <see cref="ProjectionRunner.WaitForAsync"/> in the process that appends.
/// </summary>
internal sealed class ProjectionLatencyBenchmark(BenchmarkDatabase database, TimeSpan time)
{
    private const int Rounds = 5;

    private static readonly TimeSpan Spacing = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private long appended;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await using var child = new ChildProcess(database.ConnectionString);
        foreach (var other in new[] { null, child })
        {
            var warmUp = TimeSpan.FromSeconds(Math.Min(1, time.TotalSeconds / 2));
            await RoundAsync(other, isSelected: true, warmUp, cancellationToken);
            await RoundAsync(other, isSelected: false, warmUp, cancellationToken);
            var (seen, waited, applied) = (new List<double>(), new List<double>(), new List<double>());
            for (var round = 0; round < Rounds; round++)
            {
                foreach (var isSelected in round % 2 == 0 ? new[] { true, false } : [false, true])
                {
                    var (shown, pages) = await RoundAsync(other, isSelected, time / Rounds, cancellationToken);
                    (isSelected ? seen : waited).AddRange(shown);
                    applied.AddRange(pages);
                }
            }

            Print(other is null ? "projection-same-process" : "projection-other-process", seen, waited, applied);
        }
    }

    private static void Print(string scenario, List<double> seen, List<double> waited, List<double> applied) =>
        Console.WriteLine(JsonSerializer.Serialize(new Dictionary<string, object?>
        {
            ["scenario"] = scenario,
            ["benchmark"] = "latency",
            ["spacingMs"] = Spacing.TotalMilliseconds,
            ["p50Ms"] = Percentile(seen, 0.50),
            ["p99Ms"] = Percentile(seen, 0.99),
            ["waitP50Ms"] = Percentile(waited, 0.50),
            ["waitP99Ms"] = Percentile(waited, 0.99),
            ["appliedP50Ms"] = Percentile(applied, 0.50),
            ["appliedP99Ms"] = Percentile(applied, 0.99),
            ["operations"] = seen.Count + waited.Count,
            ["verified"] = true,
        }));

    private static double Percentile(List<double> milliseconds, double part)
    {
        milliseconds.Sort();
        return Math.Round(milliseconds[(int)(part * (milliseconds.Count - 1))], 3);
    }

    /// <summary>Appends at the spacing while the projection runs.</summary>
    /// <returns>How long until the read model showed each event, and how long until the projection's own process knew.</returns>
    private async Task<(List<double> Shown, IEnumerable<double> Applied)> RoundAsync(
        ChildProcess? child, bool isSelected, TimeSpan timeOfRound, CancellationToken cancellationToken)
    {
        // The first one is not measured: when it is there, so is the table.
        var after = await AppendAsync(cancellationToken);
        await using var follower = new ProjectionFollower(database.DataSource, database.Schema, database.Store);
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
            await child.StartAsync("projection", database.Schema, after, keepsTimes: true, cancellationToken);
        }

        var returned = new Dictionary<long, long>();
        var shown = new List<double>();
        await using (var view = await ReadModel.OpenAsync(database, cancellationToken))
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop.Token);
            var watch = Stopwatch.StartNew();
            while (watch.Elapsed < timeOfRound)
            {
                patience.CancelAfter(Patience);
                var position = await AppendAsync(cancellationToken);
                var start = Stopwatch.GetTimestamp();
                returned.Add(position, start);
                if (isSelected)
                {
                    while (await view.PositionAsync(patience.Token) < position)
                    {
                    }
                }
                else
                {
                    // In the other process' stead this one runs nothing: the runner is here only to wait.
                    await follower.Runner.WaitForAsync(LastSeen.Name, new LogPosition(position), patience.Token);
                }

                shown.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
                Verify.Equal("the view's position", position, await view.PositionAsync(cancellationToken));
                Verify.Equal("the view's count", appended, await view.CountAsync(cancellationToken));
                await Task.Delay(Spacing, cancellationToken);
            }
        }

        IReadOnlyList<(long Position, long Ticks)> times;
        if (child is null)
        {
            await (await Task.WhenAny(following, delivery.ReachedAsync(returned.Keys.Last())));
            await stop.CancelAsync();
            await following.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            times = delivery.Times;
        }
        else
        {
            times = (await child.StopAsync(returned.Keys.Last(), cancellationToken)).Times;
        }

        if (!times.Select(one => one.Position).SequenceEqual(returned.Keys))
        {
            throw new InvalidOperationException($"{returned.Count} events were appended, and {times.Count} applied, or not those.");
        }

        // It may be shown before its append has returned.
        return (shown, times.Select(one => Math.Max(0, one.Ticks - returned[one.Position]) * 1000.0 / Stopwatch.Frequency));
    }

    private async Task<long> AppendAsync(CancellationToken cancellationToken)
    {
        var stream = new StreamName($"noted-{++appended}");
        var data = LastSeen.Serializer.Serialize(new Noted("as small as events are"));
        return (await database.Store.AppendAsync(stream, ExpectedVersion.NoStream, [data], cancellationToken)).Position.Value;
    }

    /// <summary>The view as anybody finds it who asks the database.</summary>
    private sealed class ReadModel(NpgsqlConnection connection, NpgsqlCommand position, NpgsqlCommand count) : IAsyncDisposable
    {
        public static async Task<ReadModel> OpenAsync(BenchmarkDatabase database, CancellationToken cancellationToken)
        {
            var connection = await database.DataSource.OpenConnectionAsync(cancellationToken);
            var commands = new NpgsqlCommand[2];
            foreach (var (i, property) in new[] { "position", "count" }.Index())
            {
                commands[i] = new NpgsqlCommand(
                    $"select (data->>'{property}')::bigint from {database.Schema}_last_seen.views where key = '{LastSeen.Key}'", connection);
                await commands[i].PrepareAsync(cancellationToken);
            }

            return new ReadModel(connection, commands[0], commands[1]);
        }

        public async Task<long> PositionAsync(CancellationToken cancellationToken) => (long)(await position.ExecuteScalarAsync(cancellationToken))!;

        public async Task<long> CountAsync(CancellationToken cancellationToken) => (long)(await count.ExecuteScalarAsync(cancellationToken))!;

        public async ValueTask DisposeAsync()
        {
            await position.DisposeAsync();
            await count.DisposeAsync();
            await connection.DisposeAsync();
        }
    }
}
