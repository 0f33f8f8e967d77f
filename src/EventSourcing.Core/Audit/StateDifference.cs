using System.Text;

namespace EventSourcing;

/// <summary>What changed in a stream's state between two points, and by which events.</summary>
/// <typeparam name="TState">The state.</typeparam>
/// <param name="Stream">The stream.</param>
/// <param name="Before">The earlier state.</param>
/// <param name="After">The later state.</param>
/// <param name="Changes">The values that differ, in the order in which they stand in the state.</param>
/// <param name="Events">The events after the earlier state, up to and with the later one: what happened, who did it and why.</param>
public sealed record StateDifference<TState>(
    StreamName Stream,
    FoldedState<TState> Before,
    FoldedState<TState> After,
    IReadOnlyList<StateChange> Changes,
    IReadOnlyList<AuditEntry> Events)
{
    /// <summary>For people: a line for each change, and a line for each event.</summary>
    public override string ToString()
    {
        var text = new StringBuilder($"{Stream}, version {Before.Version} → {After.Version}");
        foreach (var change in Changes)
        {
            text.Append("\n  ").Append(change);
        }

        if (Changes.Count == 0)
        {
            text.Append("\n  (no difference)");
        }

        foreach (var entry in Events)
        {
            text.Append("\n  by ").Append(entry);
        }

        return text.ToString();
    }
}
