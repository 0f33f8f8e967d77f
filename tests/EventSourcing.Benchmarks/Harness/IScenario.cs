namespace EventSourcing.Benchmarks;

/// <summary>One piece of work, done by the library and, as the floor, by hand.</summary>
internal interface IScenario
{
    string Name { get; }

    /// <summary>What tells this run from others of the scenario, for the report.</summary>
    IReadOnlyDictionary<string, object> Settings { get; }

    /// <summary>How many events one operation handles, where the rate is told in events; else 0.</summary>
    int EventsPerOperation => 0;

    /// <summary>Makes what both sides need. Not measured.</summary>
    Task SetUpAsync(CancellationToken cancellationToken);

    /// <summary>Runs the library's side until the time is over.</summary>
    Task OursAsync(Recorder recorder, CancellationToken until);

    /// <summary>Runs the floor until the time is over.</summary>
    Task FloorAsync(Recorder recorder, CancellationToken until);

    /// <summary>Throws unless the database holds exactly what the operations counted for each side should have written.</summary>
    Task VerifyAsync(long ours, long floor, CancellationToken cancellationToken);
}
