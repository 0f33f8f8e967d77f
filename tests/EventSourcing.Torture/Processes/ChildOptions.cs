namespace EventSourcing.Torture;

/// <summary>What a child process is to be.</summary>
internal sealed record ChildOptions
{
    /// <summary>The environment variable with the connection string: not for everybody's eyes, as a command line is.</summary>
    public const string ConnectionVariable = "EVENTSOURCING_TORTURE_CONNECTION";

    /// <summary>The environment variable with another way to the store for listening, where there is one.</summary>
    public const string ListenVariable = "EVENTSOURCING_TORTURE_LISTEN";

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

    /// <summary>How its sessions call themselves; null for nothing.</summary>
    public string? ApplicationName { get; init; }

    /// <summary>The category of the streams that its writers share with others.</summary>
    public string Category { get; init; } = Accounts.Category;

    /// <summary>Of what it writes.</summary>
    public int Seed { get; init; }

    /// <summary>How many readers read from the start.</summary>
    public int Readers { get; init; }

    /// <summary>How many contenders fight for few streams from the start; see <see cref="Torture.Contenders"/>.</summary>
    public int Contenders { get; init; }

    /// <summary>Whether its contenders append under conditions, too.</summary>
    public bool HasConditions { get; init; }

    /// <summary>How many connections its pool holds.</summary>
    public int MaxPoolSize { get; init; } = 30;

    /// <summary>The subscriber that it continues; null where it is none.</summary>
    public string? Subscriber { get; init; }

    /// <summary>How many more subscribers it runs, named after it, which stall when they are told to hold "slow".</summary>
    public int SlowSubscribers { get; init; }

    /// <summary>Whether the store prepares its statements.</summary>
    public bool PrepareStatements { get; init; } = true;

    /// <summary>Whether it listens by the world's other way, where there is one.</summary>
    public bool ListensElsewhere { get; init; } = true;

    /// <summary>Whether it is a whole application: an inline projection, a reactor, public messages. All that append to accounts are, or
    /// none is.</summary>
    public bool IsApplication { get; init; }

    /// <summary>How many loops send commands while the writers write; for an application.</summary>
    public int Commanders { get; init; }

    /// <summary>Whether histories are imported while the writers write.</summary>
    public bool Imports { get; init; }
}
