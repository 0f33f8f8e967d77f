namespace EventSourcing.Torture;

/// <summary>The answer to an attempt.</summary>
/// <param name="Append">The append.</param>
/// <param name="Attempt">The attempt.</param>
/// <param name="At">When, in ticks of the machine's steady clock.</param>
/// <param name="Outcome">What was told.</param>
internal sealed record AppendEnded(Guid Append, int Attempt, long At, AppendOutcome Outcome)
{
    /// <summary>For <see cref="Position"/>: an import tells only the last of all.</summary>
    public const long NotTold = -1;

    /// <summary>The versions of the parts' streams afterwards, where it is stored.</summary>
    public IReadOnlyList<long> Versions { get; init; } = [];

    /// <summary>The position of the last event, where it is stored; or <see cref="NotTold"/>.</summary>
    public long Position { get; init; }

    /// <summary>Whether it was said that an earlier attempt had stored it.</summary>
    public bool AlreadyStored { get; init; }

    /// <summary>At which versions the streams of a conflict were said to be.</summary>
    public IReadOnlyDictionary<string, long> Actual { get; init; } = new Dictionary<string, long>();

    /// <summary>The position of the event that was said to violate the append's condition; null for none.</summary>
    public long? Unseen { get; init; }

    /// <summary>When the caller's own transaction began to commit: until then nobody else could see anything of it. 0 where there
    /// was none, or it did not come to that.</summary>
    public long CommitsAt { get; init; }

    /// <summary>Why not.</summary>
    public string? Error { get; init; }

    /// <summary>Whether the error is one that the documentation of an append names.</summary>
    public bool IsDocumented { get; init; } = true;
}
