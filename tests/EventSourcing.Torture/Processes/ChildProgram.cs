using System.Runtime.InteropServices;
using EventSourcing.PostgreSql;
using Npgsql;

namespace EventSourcing.Torture;

/// <summary>The program that is killed: runs projections, subscribes and appends, does what it is told on standard input, and says
/// there on standard output what happens. It ends with its parent.</summary>
internal static class ChildProgram
{
    public static async Task RunAsync(ChildOptions options)
    {
        var connectionString = new NpgsqlConnectionStringBuilder(Environment.GetEnvironmentVariable(ChildOptions.ConnectionVariable))
        {
            MaxPoolSize = options.MaxPoolSize,
            ApplicationName = options.ApplicationName,
        };
        await using var servers = new Servers(connectionString.ConnectionString);
        var dataSource = servers.Primary;
        var own = new PostgreSqlOptions();
        Configure(own, options);
        await using var plain = new PostgreSqlEventStore(servers.All, own);
        await using var application = options.IsApplication ? new Application(dataSource, options, configured => Configure(configured, options)) : null;
        var store = application?.Store ?? plain;
        using var stop = new CancellationTokenSource();
        using var signal = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            stop.Cancel();
        });
        using var history = new HistoryFile(Path.Combine(options.Folder, $"{Guid.NewGuid():N}.history"));
        var appender = new RecordingAppender(store, dataSource, history);
        using var writers = new Writers(appender, options, [.. Others(options, application, appender, plain, history)]);
        using var contenders = new Contenders(appender, new RecordingReader(store, history), options);
        var holds = new Holds(Say);
        using var readers = new Readers(store, options.Folder, options.Seed);
        if (options.Writers > 0)
        {
            writers.Start(options.Writers);
        }

        readers.Start(options.Readers);
        _ = Task.Run(() => ObeyAsync(holds, writers, readers, contenders), CancellationToken.None);
        var subscribing = options.Subscriber is { } name
            ? Task.WhenAll(Enumerable.Range(0, options.SlowSubscribers)
                .Select(i => Subscriber.RunAsync(store, options.Folder, $"slow-{name}-{i}", () => holds.PassAsync(Holds.Slow), stop.Token))
                .Append(Subscriber.RunAsync(store, options.Folder, name, () => holds.PassAsync(Holds.Subscriber), stop.Token)))
            : Task.CompletedTask;
        var applying = application?.RunAsync(stop.Token) ?? Task.CompletedTask;
        Say("ready");
        await RunProjectionsAsync(store, options, holds, stop.Token);
        await applying;
        await subscribing;
        await writers.StopAsync();
        await contenders.StopAsync();
    }

    private static void Configure(PostgreSqlOptions configured, ChildOptions options)
    {
        configured.Schema = options.Schema;
        configured.PrepareStatements = options.PrepareStatements;
        if (options.ListensElsewhere && Environment.GetEnvironmentVariable(ChildOptions.ListenVariable) is { Length: > 0 } listen)
        {
            configured.ListenConnectionString = listen;
        }
    }

    /// <summary>Who writes beside the writers.</summary>
    private static IEnumerable<Func<Random, CancellationToken, Task>> Others(
        ChildOptions options, Application? application, RecordingAppender appender, PostgreSqlEventStore plain, HistoryFile history)
    {
        if (application is not null && options.Commanders > 0)
        {
            var repository = application.RepositoryOf(appender);
            for (var i = 0; i < options.Commanders; i++)
            {
                yield return (random, stopping) => Commands.RunAsync(repository, random, stopping);
            }
        }

        if (options.Imports)
        {
            yield return (random, stopping) => Imports.RunAsync(plain, history, random, stopping);
        }
    }

    private static async Task RunProjectionsAsync(PostgreSqlEventStore store, ChildOptions options, Holds holds, CancellationToken stopping)
    {
        if (options.Version == 0)
        {
            await Task.Delay(Timeout.Infinite, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return;
        }

        var projections = options.Spread > 0
            ? Projections.Many(store, options.Spread)
            : Projections.All(store, options.Version, holds.PassInsideAsync).Select(projection => new WatchedProjection(projection, holds, Say)).ToArray();
        var runner = new ProjectionRunner(
            store, Projections.Serializer, projections, new ConsumerOptions { PageSize = 100 }, new PostgreSqlConsumerStore(store), logger: new ErrorLog());
        await runner.RunAsync(stopping);
    }

    private static async Task ObeyAsync(Holds holds, Writers writers, Readers readers, Contenders contenders)
    {
        while (await Console.In.ReadLineAsync() is { } order)
        {
            switch (order.Split(' '))
            {
                case ["hold", var name]: holds.Hold(name); break;
                case ["go"]: holds.Release(); break;
                case ["load", var number]: writers.Start(int.Parse(number, System.Globalization.CultureInfo.InvariantCulture)); break;
                case ["measure"]: Say(Footprint.OfThisProcess().ToString()); break;
                case ["quiet"]:
                    await readers.StopAsync();
                    Say($"quiet {await writers.StopAsync() + await contenders.StopAsync()}");
                    break;
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
