namespace EventSourcing.Torture;

/// <summary>One way to break things.</summary>
/// <param name="Description">What it does, in one sentence.</param>
/// <param name="RunAsync">Does it, and tells the run what it finds.</param>
internal sealed record Scenario(string Description, Func<TortureRun, Task> RunAsync);
