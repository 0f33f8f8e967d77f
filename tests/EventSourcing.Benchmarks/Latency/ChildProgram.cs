using System.Globalization;
using Npgsql;

namespace EventSourcing.Benchmarks;

/// <summary>
/// The other process. It reads orders from its standard input, `start ours|floor|projection schema after keeps-times` and
/// `stop position`, and answers `ready`, then `event position ticks` for each, then `total count`.
/// </summary>
internal static class ChildProgram
{
    public const string ConnectionVariable = "EVENTSOURCING_BENCHMARK_CONNECTION";

    public static async Task RunAsync(CancellationToken cancellationToken)
    {
        await using var dataSource = NpgsqlDataSource.Create(Environment.GetEnvironmentVariable(ConnectionVariable)
            ?? throw new InvalidOperationException("This is the benchmark's own second process; it is not to be started by hand."));
        while (await Console.In.ReadLineAsync(cancellationToken) is { } line)
        {
            var order = line.Split(' ');
            var (kind, schema, after) = (order[1], order[2], long.Parse(order[3], CultureInfo.InvariantCulture));
            await using IFollower follower = kind switch
            {
                "ours" => new OursFollower(dataSource, schema),
                "floor" => new FloorFollower(dataSource, schema),
                "projection" => new ProjectionFollower(dataSource, schema),
                _ => throw new InvalidOperationException(line),
            };
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var delivery = new Delivery(bool.Parse(order[4]));
            var following = Task.Run(() => follower.FollowAsync(after, delivery.OnReady, delivery.OnEvent, stop.Token), CancellationToken.None);
            if (await Task.WhenAny(following, delivery.Ready) == following)
            {
                await following;
            }

            Console.WriteLine("ready");
            var until = long.Parse((await Console.In.ReadLineAsync(cancellationToken))!.Split(' ')[1], CultureInfo.InvariantCulture);
            if (await Task.WhenAny(following, delivery.ReachedAsync(until)) == following)
            {
                await following;
            }

            await stop.CancelAsync();
            await following.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            foreach (var (position, ticks) in delivery.Times)
            {
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"event {position} {ticks}"));
            }

            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"total {delivery.Count}"));
        }
    }
}
