namespace EventSourcing;

/// <summary>Who maintains a stream, and why: kept with the operation.</summary>
public sealed record MaintenanceNote
{
    /// <summary>The longest actor or reason, in UTF-16 code units: 1,000.</summary>
    public const int MaxLength = 1_000;

    /// <summary>Makes a note.</summary>
    /// <param name="actor">Who does it: not empty.</param>
    /// <param name="reason">Why: not empty. Do not put into it what the operation is to remove.</param>
    /// <exception cref="ArgumentException">One is empty, too long, or holds U+0000 or a lone surrogate.</exception>
    public MaintenanceNote(string actor, string reason)
    {
        StoredText.ThrowIfUnfit(actor, MaxLength, "The actor of a maintenance note", nameof(actor));
        StoredText.ThrowIfUnfit(reason, MaxLength, "The reason of a maintenance note", nameof(reason));
        Actor = actor;
        Reason = reason;
    }

    /// <summary>Who does it.</summary>
    public string Actor { get; }

    /// <summary>Why.</summary>
    public string Reason { get; }
}
