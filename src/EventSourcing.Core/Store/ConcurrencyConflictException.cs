namespace EventSourcing;

/// <summary>An append was refused because streams are not at the versions that it expected. Nothing was written.</summary>
public sealed class ConcurrencyConflictException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="conflicts">Every violated expectation, at least one.</param>
    public ConcurrencyConflictException(IReadOnlyList<VersionConflict> conflicts)
        : base(Describe(conflicts)) => Conflicts = conflicts;

    /// <summary>Every expectation that was violated, not just the first.</summary>
    public IReadOnlyList<VersionConflict> Conflicts { get; }

    private static string Describe(IReadOnlyList<VersionConflict> conflicts)
    {
        ArgumentNullException.ThrowIfNull(conflicts);
        if (conflicts.Count == 0)
        {
            throw new ArgumentException("A conflict names at least one stream.", nameof(conflicts));
        }

        return string.Join(
            " ",
            conflicts.Select(conflict =>
                $"Stream '{conflict.Stream}' was expected at {conflict.Expected} and is at {(conflict.Actual == StreamVersion.None ? "no stream" : $"version {conflict.Actual}")}."));
    }
}
