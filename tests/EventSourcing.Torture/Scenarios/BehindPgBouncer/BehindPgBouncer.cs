using EventSourcing.TestInfrastructure;
using Npgsql;

namespace EventSourcing.Torture;

/// <summary>
/// All that a store does, through a PgBouncer that pools transactions, with fewer connections to the server than clients. Listening
/// alone goes around it; one process has the default options, as if it did not know of the proxy.
/// </summary>
internal static class BehindPgBouncer
{
    private const int Processes = 3;
    private const int Writers = 2;
    private const int ServerConnections = 4;

    public static async Task RunAsync(TortureRun run)
    {
        await using var cluster = await PostgreSqlServer.StartDedicatedAsync();
        await using var bouncer = await PgBouncer.StartAsync(cluster.ConnectionString, ServerConnections);

        // What the documentation recommends. Without it each connection is reset before its next use, which would hide what is left behind.
        var through = new NpgsqlConnectionStringBuilder(bouncer.ConnectionString) { NoResetOnClose = true }.ConnectionString;
        await using var world = await World.CreateAsync(run, through, listenConnectionString: cluster.ConnectionString, preparesStatements: false);
        await using var inspector = new SessionInspector(run, through);
        var isLoaded = false;
        var faults = new BouncerFaults(run, world, cluster, bouncer, StartAsync);
        await faults.StartAllAsync(Processes);
        await ApplicationCheck.UntilInlineAsync(world);
        foreach (var child in world.Running)
        {
            await child.TellAsync($"load {Writers}");
        }

        isLoaded = true;
        using var over = run.Begin();
        while (!over.IsCancellationRequested)
        {
            await faults.NextAsync();
        }

        var end = await world.QuiesceAsync();
        await world.CheckHistoryAsync();
        await ApplicationCheck.RunAsync(world, end, faults.Count);
        await inspector.StopAsync();
        run.Figure("pagesRefused", world.Refused);
        run.Checked("read models against a fold", world.Checks);
        if (end.Log.Count < 100)
        {
            run.Violation($"Only {end.Log.Count} events were appended: that is no load.");
        }

        Task<Child> StartAsync(int slot, int seed) => world.StartAsync(
            writers: isLoaded ? Writers : 0,
            seed: seed,
            subscriber: $"subscriber-{slot}",
            configure: options => options with
            {
                // One without an inline projection: appends go together there, as they do not with one.
                IsApplication = slot > 0,
                Category = slot > 0 ? Accounts.Category : "plain",
                Commanders = 1,
                Imports = slot == 0,
                PrepareStatements = slot == Processes - 1,
                ListensElsewhere = slot < Processes - 1,
            });
    }
}
