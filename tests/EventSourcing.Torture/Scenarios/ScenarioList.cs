namespace EventSourcing.Torture;

/// <summary>What can be run, by name. Each sets up its own servers, torments for the run's time, and checks.</summary>
internal static class ScenarioList
{
    public static readonly IReadOnlyDictionary<string, Scenario> All = new Dictionary<string, Scenario>(StringComparer.Ordinal)
    {
        ["contention"] = new("Many writers fight for few streams and tags in every way; all that they were told fits into one order.", Contention.RunAsync),
        ["crash-client"] = new("Many processes write, project and subscribe; kill -9 at random, restarts.", CrashClient.RunAsync),
        ["crash-server"] = new("The server is killed, or stopped without a checkpoint, under load, again and again.", CrashServer.RunAsync),
        ["disk-full"] = new("The disk of the read models, of the log and of the write-ahead log is full, and has room again.", DiskFull.RunAsync),
        ["failover"] = new("A primary is killed, stopped or cut off, its synchronous standby promoted, the other way round, again and again.", Failover.RunAsync),
        ["hostile"] = new("Input that nobody should send and rows that nobody should write; in-memory and PostgreSQL are to agree.", Hostile.RunAsync),
        ["leases"] = new("Who runs what: late pages, stopped processes, take-over, rebuilds.", Leases.RunAsync),
        ["network"] = new("The network delays, cuts, halves, stalls and refuses connections, at random and at the worst moment.", Network.RunAsync),
        ["out-of-connections"] = new("Other clients take all the server's connections, or the application its own pool's.", OutOfConnections.RunAsync),
        ["pgbouncer"] = new("Everything behind a PgBouncer that pools transactions, which is killed, paused and changed; so are clients and server.", BehindPgBouncer.RunAsync),
        ["restore"] = new("Backups made under load and restored elsewhere; an older log under newer read models.", Restore.RunAsync),
        ["slow-reader"] = new("Subscribers and a projection stall as long as it lasts, beside others of their process that do not.", SlowReader.RunAsync),
        ["soak"] = new("All of it at once, for long: does anything grow that should not?", Soak.RunAsync),
    };
}
