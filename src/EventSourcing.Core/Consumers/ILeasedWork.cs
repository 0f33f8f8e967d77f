namespace EventSourcing;

/// <summary>What runs under a lease, in exactly one process at a time.</summary>
internal interface ILeasedWork
{
    string Name { get; }

    /// <summary>Whether it is a projection or a reactor, for the figures: one of the constants of <see cref="ConsumerMetrics"/>.</summary>
    string Kind { get; }

    /// <summary>Whether all processes share one, under a lease.</summary>
    bool IsShared { get; }

    /// <summary>What the board is to know of it; asked for once, when a run begins.</summary>
    Task<ConsumerDefinition> DefineAsync(CancellationToken cancellationToken);

    /// <summary>Runs until cancelled, and reports how it goes.</summary>
    /// <exception cref="LeaseLostException">Somebody else runs it by now.</exception>
    /// <exception cref="ConsumerFailedException">It has given up.</exception>
    Task RunAsync(ConsumerLease lease, ConsumerProgress progress, ConsumerMetrics metrics, CancellationToken cancellationToken);
}
