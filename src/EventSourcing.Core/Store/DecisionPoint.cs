namespace EventSourcing;

/// <summary>How much of the log a decision has seen: everything up to a final position, and of what matches its query beyond that the
/// events that are named.</summary>
/// <remarks>Nothing but a position would not do: an append that took a lower one may still be under way, and be missed.</remarks>
/// <param name="ReadTo">Up to here the log was final when it was read.</param>
/// <param name="SeenAfter">The positions of the matching events beyond that were seen.</param>
public sealed record DecisionPoint(LogPosition ReadTo, IReadOnlyList<LogPosition> SeenAfter)
{
    /// <summary>Nothing was seen: any event that matches is one too many.</summary>
    public static DecisionPoint Start { get; } = At(LogPosition.Start);

    /// <summary>A decision that has seen all there is up to a final position, and nothing beyond.</summary>
    /// <param name="position">The position, for instance <see cref="LogPage.ReadTo"/>.</param>
    public static DecisionPoint At(LogPosition position) => new(position, []);
}
