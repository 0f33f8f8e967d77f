namespace EventSourcing;

/// <summary>What all processes agree on: which consumers there are, who runs them, who is there to run them.</summary>
/// <param name="Rows">The shards of all consumers.</param>
/// <param name="Processes">The processes.</param>
public sealed record ConsumerBoard(IReadOnlyList<ConsumerRow> Rows, IReadOnlyList<ConsumerProcess> Processes);
