namespace EventSourcing.Torture;

/// <summary>What commands decide on: how many were counted. Folded from snapshots and from the cache.</summary>
internal static class Counter
{
    /// <summary>Few, so that processes are in each other's way.</summary>
    public const int Streams = 12;

    public static Decider<int, long, Counted> Decider { get; } = new(
        Initial: 0,
        Decide: (times, count) => Enumerable.Range(1, times).Select(nth => new Counted(count + nth)),
        Evolve: (_, counted) => counted.Number)
    {
        Snapshots = SnapshotPolicy.Of<long>("count", schemaVersion: 1, every: 25),
    };

    public static StreamName Stream(int number) => StreamName.For("counter", number);
}
