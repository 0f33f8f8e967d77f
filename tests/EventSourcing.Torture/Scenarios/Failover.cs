using System.Diagnostics;
using EventSourcing.TestInfrastructure;
using Npgsql;

namespace EventSourcing.Torture;

/// <summary>
/// A primary goes, its synchronous standby takes over, and a new standby is made in the place of what has gone. The clients know
/// both servers and go on by themselves.
/// </summary>
internal sealed class Failover : IAsyncDisposable
{
    // The one world whose waits for the standby are cancelled: subscribers see there what a failover then loses, so it has none.
    private const string Torn = "torn";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly TortureRun run;
    private readonly Random random;
    private PostgreSqlCluster primary;
    private PostgreSqlCluster standby;

    private Failover(TortureRun run, PostgreSqlCluster primary, PostgreSqlCluster standby) =>
        (this.run, random, this.primary, this.standby) = (run, run.RandomFor("failovers"), primary, standby);

    public static async Task RunAsync(TortureRun run)
    {
        var primary = await PostgreSqlServer.StartDedicatedAsync();
        await using var failover = new Failover(run, primary, await primary.CreateStandbyAsync("standby"));
        await failover.primary.SetSynchronousStandbysAsync("*");
        await failover.TormentAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await standby.DisposeAsync();
        await primary.DisposeAsync();
    }

    private async Task TormentAsync()
    {
        var connectionString = Both();
        await using var world = await World.CreateAsync(run, connectionString);
        await using var torn = await World.CreateAsync(run, connectionString);

        // More writers than lanes, so that some appends go together.
        await world.StartAsync(seed: random.Next(), subscriber: "subscriber-0");
        await world.StartAsync(version: 0, seed: random.Next(), subscriber: "subscriber-1");
        await torn.StartAsync(seed: random.Next(), configure: options => options with { ApplicationName = Torn });
        foreach (var one in new[] { world, torn })
        {
            await one.AppendToAllAsync();
            await one.CheckAtHeadAsync();
            foreach (var child in one.Running)
            {
                await child.TellAsync("load 3");
            }
        }

        var ways = new Dictionary<string, Func<Task>>
        {
            ["killed"] = () => primary.KillAsync(),
            ["waitsCancelledAndKilled"] = CancelWaitsAndKillAsync,
            ["stoppedInOrder"] = () => primary.StopAsync(immediate: false),
            ["cutOff"] = CutOffAsync,
        };
        using var over = run.Begin();
        for (var round = 0; !over.IsCancellationRequested || round == 0; round++)
        {
            await Task.Delay(random.Next(500, 2_500));

            // The plainest first: a short run has time for little more.
            var (way, goes) = ways.ElementAt(round == 0 ? 0 : random.Next(ways.Count));
            run.Say(way);
            await goes();
            var since = Stopwatch.GetTimestamp();
            await standby.PromoteAsync();
            run.Count(way);
            (primary, var gone) = (standby, primary);
            await primary.SetSynchronousStandbysAsync(string.Empty);
            await gone.DisposeAsync();
            await AnswersAsync(world);
            await AnswersAsync(torn);
            run.Say($"{way}: works again after {Stopwatch.GetElapsedTime(since).TotalSeconds:0.0} s");
            standby = await primary.CreateStandbyAsync("standby", replaced: gone);
            await primary.SetSynchronousStandbysAsync("*");
            run.Say($"a new standby after {Stopwatch.GetElapsedTime(since).TotalSeconds:0.0} s");
        }

        await CheckAsync(world);
        await CheckAsync(torn);
    }

    private async Task CheckAsync(World world)
    {
        var end = await world.QuiesceAsync();
        await world.CheckHistoryAsync();
        run.Checked("read models against a fold", world.Checks);
        if (end.Log.Count < 100)
        {
            run.Violation($"Only {end.Log.Count} events were appended: that is no load.");
        }
    }

    /// <summary>Both servers, in an order that stays whichever is the primary.</summary>
    private string Both()
    {
        var (one, other) = (new NpgsqlConnectionStringBuilder(primary.ConnectionString), new NpgsqlConnectionStringBuilder(standby.ConnectionString));
        one.Host = $"{one.Host}:{one.Port},{other.Host}:{other.Port}";
        one.Remove("Port");
        return one.ConnectionString;
    }

    /// <summary>The standby is away, commits that wait for it are told to wait no longer, and then the primary is lost with them.</summary>
    private async Task CancelWaitsAndKillAsync()
    {
        // Stopped, not frozen: what lies in the socket of a frozen one it still reads afterwards, and nothing is lost.
        await standby.StopAsync(immediate: true);
        await using (var dataSource = NpgsqlDataSource.Create(primary.ConnectionString))
        {
            for (var (i, cancelled) = (0, 0L); i < 100 && cancelled < 5; i++)
            {
                await Task.Delay(random.Next(100));
                await using var command = dataSource.CreateCommand(
                    $"select count(pg_cancel_backend(pid)) from pg_stat_activity where wait_event = 'SyncRep' and application_name = '{Torn}'");
                var now = (long)(await command.ExecuteScalarAsync())!;
                cancelled += now;
                run.Count("waitsCancelled", now);
            }
        }

        await primary.KillAsync();
        await standby.StartAsync();
    }

    /// <summary>The primary answers nobody, as behind a broken network; it is fenced when the standby has been there for a while.</summary>
    private async Task CutOffAsync()
    {
        await primary.FreezeAsync();
        await Task.Delay(random.Next(1_500));
        await primary.KillAsync();
    }

    /// <summary>Goes on when the read models can be compared again.</summary>
    private async Task AnswersAsync(World world)
    {
        world.DataSource.Clear();
        using var limit = new CancellationTokenSource(Patience);
        while (true)
        {
            try
            {
                await world.Store.GetHeadAsync(limit.Token);
                await world.CheckAsync();
                return;
            }
            catch (Exception failure) when (failure is EventStoreUnavailableException or NpgsqlException && !limit.IsCancellationRequested)
            {
                await Task.Delay(50, CancellationToken.None);
            }
        }
    }
}
