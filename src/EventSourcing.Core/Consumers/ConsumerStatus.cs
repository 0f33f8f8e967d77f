namespace EventSourcing;

/// <summary>How a projection or a reactor stands: all its shards together, in whatever processes they run.</summary>
public sealed record ConsumerStatus
{
    /// <summary>The name.</summary>
    public required string Name { get; init; }

    /// <summary>The version of the definition that runs; rises when a projection is changed.</summary>
    public int Version { get; init; } = 1;

    /// <summary>Whether readers see it, or it is being built beside what they see.</summary>
    public ConsumerRole Role { get; init; }

    /// <summary>What it is doing. Of several shards, what needs attention most: failed before retrying, paused, stopped,
    /// catching up and live.</summary>
    public ConsumerState State { get; init; }

    /// <summary>Up to here, inclusive, it shows the log.</summary>
    public LogPosition Position { get; init; }

    /// <summary>How many positions lie between that and the head of the log: the events that are to come, or a few less where the
    /// log has gaps.</summary>
    public long Lag { get; init; }

    /// <summary>How long ago the first event was written that it does not show; zero where it shows all.</summary>
    public TimeSpan LagTime { get; init; }

    /// <summary>How many events a second it has handled lately.</summary>
    public double EventsPerSecond { get; init; }

    /// <summary>The processes that run it, by machine and process id; none where nobody does.</summary>
    public IReadOnlyList<string> Owners { get; init; } = [];

    /// <summary>The last failure, while it is retrying or failed.</summary>
    public string? Error { get; init; }

    /// <summary>The appends under way that readers at the end of the log wait for; none where all that is written can be read.</summary>
    public IReadOnlyList<OpenAppend> WaitsFor { get; init; } = [];
}
