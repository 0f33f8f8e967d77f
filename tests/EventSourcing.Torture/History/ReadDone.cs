namespace EventSourcing.Torture;

/// <summary>What a reader was given, or why not.</summary>
/// <param name="How">Which way it read.</param>
/// <param name="Stream">The stream; null for the log.</param>
/// <param name="Begun">When, in ticks of the machine's steady clock.</param>
/// <param name="Ended">When it had its answer.</param>
internal sealed record ReadDone(ReadDone.Way How, string? Stream, long Begun, long Ended)
{
    /// <summary>The ways to read.</summary>
    internal enum Way
    {
        Forwards,
        Backwards,
        Replay,
        Log,
    }

    /// <summary>The log was read after this position,</summary>
    public long From { get; init; }

    /// <summary>and up to this one.</summary>
    public long To { get; init; }

    /// <summary>How many events came.</summary>
    public int Count { get; init; }

    /// <summary>A fingerprint of all that came, in order.</summary>
    public string Print { get; init; } = string.Empty;

    /// <summary>Why it was not given all; null where it was said to be all.</summary>
    public string? Error { get; init; }

    /// <summary>Whether the error is one that the documentation of a read names.</summary>
    public bool IsDocumented { get; init; } = true;
}
