namespace EventSourcing;

/// <summary>The rule for names under which checkpoints are kept, for adapters of <see cref="ICheckpointStore"/>.</summary>
public static class CheckpointName
{
    /// <summary>The longest name, in UTF-16 code units: 200.</summary>
    public const int MaxLength = 200;

    /// <summary>Refuses a name that cannot be kept.</summary>
    /// <param name="name">The name.</param>
    /// <exception cref="ArgumentException">The name is empty, too long, or holds U+0000 or a lone surrogate.</exception>
    public static void ThrowIfInvalid(string name) => StoredText.ThrowIfUnfit(name, MaxLength, "The name of a checkpoint", nameof(name));
}
