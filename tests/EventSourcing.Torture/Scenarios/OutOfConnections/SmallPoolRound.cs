using System.Diagnostics;

namespace EventSourcing.Torture;

/// <summary>One process does everything with a pool that is much too small: all wait for their turn, and nobody for ever.</summary>
internal static class SmallPoolRound
{
    private const int Writers = 12;
    private const int Least = 100;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly string[] Starts = ["Warning", "Error", "Critical", "Subscriber"];

    public static async Task RunAsync(TortureRun run, CrowdedCluster cluster, int connections, int cycle)
    {
        var random = run.RandomFor($"pool of {connections}", cycle);
        await using var world = await World.CreateAsync(run, cluster.AdministratorString);
        await cluster.GrantAsync(world.SchemaName);
        var child = await world.StartAsync(
            writers: Writers, seed: random.Next(), subscriber: "subscriber", connectionString: cluster.ApplicationString,
            configure: options => options with { MaxPoolSize = connections });
        var took = await WorkAsync(world, connections);
        await world.QuiesceAsync();
        await world.CheckHistoryAsync();
        run.Checked("read models against a fold", world.Checks);
        var history = History.Read(world.Folder);
        run.Figure($"secondsFor{Least}AppendsWithPoolOf{connections}", Math.Round(took.TotalSeconds, 1));
        foreach (var failed in history.Attempts.Where(attempt => attempt.Ended is { Error: not null, Outcome: not AppendOutcome.Conflict }).Take(3))
        {
            run.Violation($"With a pool of {connections} an append did not wait for its turn; it ended as {failed.Outcome}: {failed.Ended!.Error}");
        }

        // What the server had to break off on a slow machine is not the pool's doing.
        foreach (var complaint in child.Complaints.Where(IsOwn).Take(3))
        {
            run.Violation($"With a pool of {connections} the process complains: {complaint}");
        }
    }

    /// <summary>Waits until so much has been stored that everybody had to wait for everybody else; tells how long that took from the first append on.</summary>
    private static async Task<TimeSpan> WorkAsync(World world, int connections)
    {
        var since = Stopwatch.GetTimestamp();
        while (true)
        {
            await Task.Delay(250);
            var stored = History.Read(world.Folder).Attempts.Where(attempt => attempt.Outcome == AppendOutcome.Stored).ToArray();
            if (stored.Length >= Least)
            {
                return Stopwatch.GetElapsedTime(stored.Min(attempt => attempt.Ended!.At));
            }

            if (Stopwatch.GetElapsedTime(since) > Patience)
            {
                throw new ProofFailedException($"With a pool of {connections} {stored.Length} appends have been stored within {Patience.TotalSeconds} s: it stands still.");
            }
        }
    }

    private static bool IsOwn(string complaint) =>
        Starts.Any(start => complaint.StartsWith(start, StringComparison.Ordinal))
        && (complaint.Contains("pool", StringComparison.Ordinal) || !complaint.Contains(nameof(EventStoreUnavailableException), StringComparison.Ordinal));
}
