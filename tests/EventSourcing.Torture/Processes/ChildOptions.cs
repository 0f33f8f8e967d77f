namespace EventSourcing.Torture;

/// <summary>What a child process is to be.</summary>
internal sealed record ChildOptions
{
    /// <summary>The environment variable with the connection string: not for everybody's eyes, as a command line is.</summary>
    public const string ConnectionVariable = "EVENTSOURCING_TORTURE_CONNECTION";

    /// <summary>The store's schema.</summary>
    public required string Schema { get; init; }

    /// <summary>Where it writes down what it asks and what it is told.</summary>
    public required string Folder { get; init; }

    /// <summary>The version of its projections; 0 where it runs none.</summary>
    public int Version { get; init; } = 1;

    /// <summary>How many small projections to run instead of the usual ones; 0 for those.</summary>
    public int Spread { get; init; }

    /// <summary>How many writers append from the start.</summary>
    public int Writers { get; init; }

    /// <summary>How long a writer rests between appends at the longest, in milliseconds.</summary>
    public int WriterPause { get; init; } = 15;

    /// <summary>How many of a hundred appends are made in a transaction of the writer's, which takes its time.</summary>
    public int InTransactions { get; init; } = 12;

    /// <summary>Of how many events one has metadata as somebody else would write it.</summary>
    public int ForeignOneIn { get; init; } = 10;

    /// <summary>Of how many events with metadata of somebody else's one is large.</summary>
    public int LargeOneIn { get; init; } = 30;

    /// <summary>Of what it writes.</summary>
    public int Seed { get; init; }

    /// <summary>How many readers read from the start.</summary>
    public int Readers { get; init; }

    /// <summary>The subscriber that it continues; null where it is none.</summary>
    public string? Subscriber { get; init; }

    /// <summary>How many more subscribers it runs, named after it, which stall when they are told to hold "slow".</summary>
    public int SlowSubscribers { get; init; }
}
