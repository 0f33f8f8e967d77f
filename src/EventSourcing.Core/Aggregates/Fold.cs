namespace EventSourcing;

/// <summary>How events become a state: where it starts and how each event changes it.</summary>
/// <typeparam name="TState">The state.</typeparam>
/// <param name="Initial">Makes the state before the first event.</param>
/// <param name="Evolve">Gives the state after an event. Pure; it may return the state it was given, changed in place.</param>
public sealed record Fold<TState>(Func<TState> Initial, Func<TState, object, TState> Evolve)
{
    /// <summary>When snapshots of the state are taken; never by default.</summary>
    public SnapshotPolicy<TState>? Snapshots { get; init; }
}
