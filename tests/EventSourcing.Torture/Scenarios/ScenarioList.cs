namespace EventSourcing.Torture;

/// <summary>What can be run, by name. Each sets up its own servers, torments for the run's time, and checks.</summary>
internal static class ScenarioList
{
    public static readonly IReadOnlyDictionary<string, Scenario> All = new Dictionary<string, Scenario>(StringComparer.Ordinal)
    {
        ["crash-client"] = new("Many processes write, project and subscribe; kill -9 at random, restarts.", CrashClient.RunAsync),
        ["crash-server"] = new("The server is killed, or stopped without a checkpoint, under load, again and again.", CrashServer.RunAsync),
        ["hostile"] = new("Input that nobody should send and rows that nobody should write; in-memory and PostgreSQL are to agree.", Hostile.RunAsync),
        ["leases"] = new("Who runs what: late pages, stopped processes, take-over, rebuilds.", Leases.RunAsync),
    };
}
