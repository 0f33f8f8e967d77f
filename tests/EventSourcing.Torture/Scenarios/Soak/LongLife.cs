using System.Globalization;

namespace EventSourcing.Torture;

/// <summary>What the process that is never killed takes, after a while and at the end.</summary>
internal sealed record LongLife(Footprint Footprint, long ServerConnections)
{
    // Growth that has a reason, reached early and then no more. Memory: the last events (16 MiB of payloads, as much again for the objects
    // around them), cached streams and views. Handles and connections: a pool of 30, a connection that listens, and some files. Threads: the pool
    // of .NET adds one now and then, and ends it after twenty seconds. What leaks with each event or fault passes every bound in a long run.
    private const long MostHeap = 48 * 1024 * 1024;
    private const int MostHandles = 60;
    private const int MostThreads = 40;
    private const int MostConnections = 32;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>As what processes are known to the server.</summary>
    public static string NameOf(bool isImmortal) => isImmortal ? "torture-immortal" : "torture-mortal";

    public static async Task<LongLife> MeasureAsync(Child child, World world)
    {
        var line = await child.AskAsync("measure", Footprint.Beginning, Patience);
        await using var command = world.DataSource.CreateCommand($"select count(*) from pg_stat_activity where application_name = '{NameOf(isImmortal: true)}'");
        return new LongLife(Footprint.Parse(line), (long)(await command.ExecuteScalarAsync())!);
    }

    public static void Compare(TortureRun run, LongLife before, LongLife after)
    {
        Grown("heapMiB", before.Footprint.Heap / 1048576.0, after.Footprint.Heap / 1048576.0, before.Footprint.Heap + MostHeap >= after.Footprint.Heap);
        Grown("workingSetMiB", before.Footprint.WorkingSet / 1048576.0, after.Footprint.WorkingSet / 1048576.0, isFine: true);
        Grown("handles", before.Footprint.Handles, after.Footprint.Handles, before.Footprint.Handles + MostHandles >= after.Footprint.Handles);
        Grown("threads", before.Footprint.Threads, after.Footprint.Threads, before.Footprint.Threads + MostThreads >= after.Footprint.Threads);
        Grown("serverConnections", before.ServerConnections, after.ServerConnections, after.ServerConnections <= MostConnections);

        void Grown(string what, double from, double to, bool isFine)
        {
            var growth = string.Create(CultureInfo.InvariantCulture, $"{from:0.#} -> {to:0.#}");
            run.Figure(what, growth);
            run.Checked("footprint");
            if (!isFine)
            {
                run.Violation($"A process that lives long takes more and more: {what} {growth}.");
            }
        }
    }
}
