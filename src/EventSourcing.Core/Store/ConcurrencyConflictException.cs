namespace EventSourcing;

/// <summary>An append was refused because streams are not at the versions that it expected, or because of an event that its decision has
/// not seen. Nothing was written.</summary>
public sealed class ConcurrencyConflictException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="conflicts">Every violated expectation of a stream's version.</param>
    /// <param name="unseen">Where the append's condition is violated, an event that the decision has not seen.</param>
    /// <exception cref="ArgumentException">There is neither.</exception>
    public ConcurrencyConflictException(IReadOnlyList<VersionConflict> conflicts, LogPosition? unseen = null)
        : base(Describe(conflicts, unseen))
    {
        Conflicts = conflicts;
        Unseen = unseen;
    }

    /// <summary>Every expectation that was violated, not just the first; none where only the condition was.</summary>
    public IReadOnlyList<VersionConflict> Conflicts { get; }

    /// <summary>An event that the append's decision should have seen; null where its condition holds or it has none.</summary>
    public LogPosition? Unseen { get; }

    private static string Describe(IReadOnlyList<VersionConflict> conflicts, LogPosition? unseen)
    {
        ArgumentNullException.ThrowIfNull(conflicts);
        if (conflicts.Count == 0 && unseen is null)
        {
            throw new ArgumentException("A conflict names at least one stream, or an event.", nameof(conflicts));
        }

        var reasons = conflicts.Select(conflict =>
            $"Stream '{conflict.Stream}' was expected at {conflict.Expected} and is at {(conflict.Actual == StreamVersion.None ? "no stream" : $"version {conflict.Actual}")}.");
        return string.Join(
            " ", unseen is null ? reasons : reasons.Append($"The event at position {unseen} matches the append's condition, and its decision has not seen it."));
    }
}
