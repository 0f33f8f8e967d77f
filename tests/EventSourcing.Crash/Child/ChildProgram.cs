using System.Runtime.InteropServices;
using EventSourcing.PostgreSql;
using Npgsql;

namespace EventSourcing.Crash;

/// <summary>The program that is killed: runs projections and appends, does what it is told on standard input, and says there
/// on standard output what happens. It ends with its parent.</summary>
internal static class ChildProgram
{
    public static async Task RunAsync(ChildOptions options)
    {
        var connectionString = new NpgsqlConnectionStringBuilder(Environment.GetEnvironmentVariable(ChildOptions.ConnectionVariable)) { MaxPoolSize = 30 };
        await using var dataSource = NpgsqlDataSource.Create(connectionString.ConnectionString);
        await using var store = new PostgreSqlEventStore(dataSource, new PostgreSqlOptions { Schema = options.Schema });
        var holds = new Holds(Say);
        var projections = options.Spread > 0
            ? Projections.Many(store, options.Spread)
            : Projections.All(store, options.Version, holds.PassInsideAsync).Select(projection => new WatchedProjection(projection, holds, Say)).ToArray();
        var runner = new ProjectionRunner(
            store, Projections.Serializer, projections, new ConsumerOptions { PageSize = 100 }, new PostgreSqlConsumerStore(store), logger: new ErrorLog());
        using var stop = new CancellationTokenSource();
        using var signal = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            stop.Cancel();
        });
        using var load = new Load(dataSource, store, options.Seed);
        load.Start(options.Writers);
        _ = Task.Run(() => ObeyAsync(holds, load), CancellationToken.None);
        Say("ready");
        await runner.RunAsync(stop.Token);
        await load.StopAsync();
    }

    private static async Task ObeyAsync(Holds holds, Load load)
    {
        while (await Console.In.ReadLineAsync() is { } order)
        {
            switch (order.Split(' '))
            {
                case ["hold", var name]: holds.Hold(name); break;
                case ["go"]: holds.Release(); break;
                case ["load", var writers]: load.Start(int.Parse(writers, System.Globalization.CultureInfo.InvariantCulture)); break;
                case ["quiet"]: Say($"quiet {await load.StopAsync()}"); break;
            }
        }

        Environment.Exit(3);
    }

    private static void Say(string line)
    {
        lock (Console.Out)
        {
            Console.Out.WriteLine(line);
            Console.Out.Flush();
        }
    }
}
