namespace EventSourcing;

/// <summary>How many dead letters a projection or reactor has.</summary>
/// <param name="Consumer">Its name.</param>
/// <param name="Count">How many; 1 or more.</param>
/// <param name="OldestParkedAt">When the one was given up that waits longest, by the store's clock.</param>
public sealed record DeadLetterCount(string Consumer, long Count, DateTimeOffset OldestParkedAt);
