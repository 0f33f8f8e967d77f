namespace EventSourcing.HealthChecks;

/// <summary>How one projection or reactor stands: an entry of the report's data, under its name. Made of what any writer of reports can
/// show.</summary>
public sealed record ConsumerHealth
{
    /// <summary>What it is doing: the name of a <see cref="ConsumerState"/>.</summary>
    public required string State { get; init; }

    /// <summary>Up to which position of the log, inclusive, it shows the log.</summary>
    public long Position { get; init; }

    /// <summary>How many positions are to come.</summary>
    public long Lag { get; init; }

    /// <summary>How many seconds ago the first event was written that it does not show; 0 where it shows all.</summary>
    public double LagSeconds { get; init; }

    /// <summary>The processes that run it, by machine and process id.</summary>
    public IReadOnlyList<string> Owners { get; init; } = [];

    /// <summary>The first line of the last failure, while it is retrying or failed.</summary>
    public string? Error { get; init; }

    /// <summary>How many dead letters it has.</summary>
    public long DeadLetters { get; init; }

    /// <summary>How many seconds ago the oldest of them was given up; 0 where there is none.</summary>
    public double OldestDeadLetterSeconds { get; init; }
}
