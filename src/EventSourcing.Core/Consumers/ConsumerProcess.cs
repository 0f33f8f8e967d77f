namespace EventSourcing;

/// <summary>A process that runs consumers, as the others see it.</summary>
/// <param name="Id">New with each start.</param>
/// <param name="Label">For people: machine and process.</param>
/// <param name="Runs">The names of the consumers that it can run.</param>
/// <param name="IsAlive">Whether it has been heard of within the lease time.</param>
public sealed record ConsumerProcess(Guid Id, string Label, IReadOnlyList<string> Runs, bool IsAlive = true);
