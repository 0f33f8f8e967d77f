namespace EventSourcing.Testing;

/// <summary>One of the parts that an application runs.</summary>
/// <param name="Leased">What it is.</param>
/// <param name="TakeTurnAsync">Does what there is to do now; answers whether something was done that does not show in the log.</param>
internal sealed record ApplicationWork(ILeasedWork Leased, Func<ConsumerLease, CancellationToken, Task<bool>> TakeTurnAsync);
