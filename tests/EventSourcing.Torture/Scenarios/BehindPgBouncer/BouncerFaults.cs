using System.Diagnostics;
using EventSourcing.TestInfrastructure;
using Npgsql;

namespace EventSourcing.Torture;

/// <summary>What happens to a proxy, to its clients and to the server behind it.</summary>
internal sealed class BouncerFaults(
    TortureRun run, World world, PostgreSqlCluster cluster, PgBouncer bouncer, Func<int, int, Task<Child>> start)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Random random = run.RandomFor("faults");
    private readonly Dictionary<int, Child> children = [];

    /// <summary>How many times something broke in the middle of somebody's work.</summary>
    public int Count { get; private set; }

    /// <summary>Starts the clients.</summary>
    public async Task StartAllAsync(int count)
    {
        var starting = Enumerable.Range(0, count).Select(slot => start(slot, random.Next())).ToArray();
        for (var slot = 0; slot < count; slot++)
        {
            children[slot] = await starting[slot];
        }
    }

    /// <summary>After a while the next one.</summary>
    public async Task NextAsync()
    {
        await Task.Delay(random.Next(200, 1_500));
        if (random.Next(3) == 0)
        {
            await world.CheckAsync();
        }

        await (random.Next(100) switch
        {
            < 30 => KillBouncerAsync(),
            < 50 => PauseBouncerAsync(),
            < 65 => ReloadBouncerAsync(),
            < 85 => KillClientAsync(),
            _ => CrashServerAsync(),
        });
    }

    private async Task StartAsync(int slot) => children[slot] = await start(slot, random.Next());

    private async Task KillBouncerAsync()
    {
        Broke("bouncer killed");
        await bouncer.KillAsync();
        await Task.Delay(random.Next(2) * random.Next(500));
        await bouncer.StartAsync();
        await UntilAnsweredAsync();
    }

    private async Task PauseBouncerAsync()
    {
        run.Count("bouncer paused");
        await bouncer.PauseAsync();
        await Task.Delay(random.Next(100, 2_000));
        await bouncer.ResumeAsync();
    }

    private async Task ReloadBouncerAsync()
    {
        run.Count("bouncer reloaded");
        await bouncer.ReloadAsync(random.Next(2, 9));
    }

    private async Task KillClientAsync()
    {
        Broke("clients killed");
        var slot = children.Keys.ElementAt(random.Next(children.Count));
        await children[slot].KillAsync();
        await StartAsync(slot);
    }

    private async Task CrashServerAsync()
    {
        Broke("server crashed");
        await (random.Next(2) == 0 ? cluster.KillAsync() : cluster.StopAsync(immediate: true));
        await Task.Delay(random.Next(500));
        await cluster.StartAsync();
        await UntilAnsweredAsync();
    }

    /// <summary>The parent's own look at things is no part of the test: after a login that failed PgBouncer refuses everybody for a while.</summary>
    private async Task UntilAnsweredAsync()
    {
        for (var since = Stopwatch.GetTimestamp(); ;)
        {
            try
            {
                world.DataSource.Clear();
                await using var command = world.DataSource.CreateCommand("select 1");
                await command.ExecuteNonQueryAsync();
                return;
            }
            catch (NpgsqlException) when (Stopwatch.GetElapsedTime(since) < Patience)
            {
                await Task.Delay(100);
            }
        }
    }

    private void Broke(string how)
    {
        Count++;
        run.Count(how);
    }
}
