using EventSourcing;

namespace Boundaries;

/// <summary>A decision as a value: what it has to know, and what follows from that. All examples are written so.</summary>
public interface IDecision
{
    /// <summary>What it has to know, and what must not change before the events are stored.</summary>
    IReadOnlyList<DecisionProjection> Projections { get; }

    /// <summary>Which events follow. Pure: no clock, nothing read or written; it may be asked several times.</summary>
    /// <exception cref="RefusedException">A rule forbids it.</exception>
    IEnumerable<object> Decide(DecisionState known);
}
