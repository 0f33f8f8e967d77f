using EventSourcing.TestInfrastructure;

namespace EventSourcing.Torture;

/// <summary>What breaks in a soak, one after the other and by chance. More ways to break things (a network, a failover) are lines in the table.</summary>
internal sealed class SoakFaults
{
    private readonly TortureRun run;
    private readonly World world;
    private readonly PostgreSqlCluster cluster;
    private readonly Func<int, int, Task<Child>> start;
    private readonly Random random;
    private readonly Dictionary<int, Child> mortals = [];
    private readonly List<Task> underWay = [];
    private readonly (string Name, int Weight, bool RepeatsEffects, Func<Task> RunAsync)[] table;

    /// <param name="run">Whose seed it is by.</param>
    /// <param name="world">What is broken.</param>
    /// <param name="cluster">Its server.</param>
    /// <param name="start">Starts the process of a slot, with a seed.</param>
    public SoakFaults(TortureRun run, World world, PostgreSqlCluster cluster, Func<int, int, Task<Child>> start)
    {
        this.run = run;
        this.world = world;
        this.cluster = cluster;
        this.start = start;
        random = run.RandomFor("faults");
        table =
        [
            ("kill -9 of a process", 30, true, KillAsync),
            ("process stopped for a while", 15, true, StopAsync),
            ("process ended in order", 10, false, EndOneAsync),
            ("server crashed", 15, true, CrashServerAsync),
            ("subscriber stalled", 15, false, StallSubscriberAsync),
            ("caller's transaction held open", 15, false, HoldTransactionAsync),
        ];
    }

    /// <summary>How many times something broke that repeats an effect.</summary>
    public int Count { get; private set; }

    /// <summary>Starts the processes that are going to be broken.</summary>
    public async Task StartAllAsync(int count)
    {
        var starting = Enumerable.Range(0, count).Select(slot => start(slot, random.Next())).ToArray();
        for (var slot = 0; slot < count; slot++)
        {
            mortals[slot] = await starting[slot];
        }
    }

    /// <summary>After a while the next one.</summary>
    public async Task NextAsync()
    {
        await Task.Delay(random.Next(200, 2_000));
        if (random.Next(3) == 0)
        {
            await world.CheckAsync();
        }

        var draw = random.Next(table.Sum(fault => fault.Weight));
        var chosen = table.First(fault => (draw -= fault.Weight) < 0);
        run.Count(chosen.Name);
        Count += chosen.RepeatsEffects ? 1 : 0;
        await chosen.RunAsync();
    }

    /// <summary>Everything that was begun has ended, and everything that was held is let go.</summary>
    public Task EndAsync() => Task.WhenAll(underWay);

    private async Task StartAsync(int slot) => mortals[slot] = await start(slot, random.Next());

    private KeyValuePair<int, Child> Victim() => mortals.ElementAt(random.Next(mortals.Count));

    private async Task KillAsync()
    {
        var (slot, child) = Victim();
        await child.KillAsync();
        await StartAsync(slot);
    }

    private async Task StopAsync()
    {
        var (_, child) = Victim();
        await child.StopAsync();

        // Shorter and longer than a lease.
        await Task.Delay(random.Next(500, 5_000));
        await child.ContinueAsync();
    }

    private async Task EndOneAsync()
    {
        var (slot, child) = Victim();
        await child.EndAsync();
        await child.ExpectEndAsync(TimeSpan.FromSeconds(60));
        await StartAsync(slot);
    }

    private async Task CrashServerAsync()
    {
        await (random.Next(2) == 0 ? cluster.KillAsync() : cluster.StopAsync(immediate: true));
        await Task.Delay(random.Next(1_000));
        await cluster.StartAsync();
        world.DataSource.Clear();
    }

    private async Task StallSubscriberAsync()
    {
        var child = world.Running[random.Next(world.Running.Count)];
        await child.TellAsync($"hold {Holds.Subscriber}");
        await Task.Delay(random.Next(500, 4_000));
        await child.TellAsync("go");
    }

    private Task HoldTransactionAsync()
    {
        underWay.Add(world.HoldTransactionAsync(TimeSpan.FromMilliseconds(random.Next(500, 4_000)), isRolledBack: random.Next(2) == 0));
        return Task.CompletedTask;
    }
}
