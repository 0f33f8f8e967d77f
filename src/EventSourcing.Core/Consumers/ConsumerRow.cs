namespace EventSourcing;

/// <summary>How one shard of a consumer stands, as all processes see it.</summary>
public sealed record ConsumerRow
{
    /// <summary>Which one.</summary>
    public required ConsumerKey Key { get; init; }

    /// <summary>The version of the definition that it runs.</summary>
    public required int Version { get; init; }

    /// <summary>Whether readers see it, or it is being built beside what they see.</summary>
    public ConsumerRole Role { get; init; }

    /// <summary>Whether appends apply it in their own transactions, so that nobody runs it; its position then means nothing.</summary>
    public bool IsInline { get; init; }

    /// <summary>Up to here, inclusive, it shows the log.</summary>
    public LogPosition Position { get; init; }

    /// <summary>Rises with each change of the owner; a page of an older epoch is refused.</summary>
    public long Epoch { get; init; }

    /// <summary>Who runs it; null for nobody.</summary>
    public Guid? Owner { get; init; }

    /// <summary>Whether the owner's lease has not run out, by the store's clock.</summary>
    public bool IsHeld { get; init; }

    /// <summary>Whether somebody has paused it.</summary>
    public bool IsPaused { get; init; }

    /// <summary>What its owner last said that it does.</summary>
    public ConsumerState State { get; init; }

    /// <summary>The last failure, while it is retrying or failed.</summary>
    public string? Error { get; init; }

    /// <summary>How many events a second its owner has handled lately.</summary>
    public double EventsPerSecond { get; init; }
}
