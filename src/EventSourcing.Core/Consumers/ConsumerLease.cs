namespace EventSourcing;

/// <summary>The right to run one shard of a consumer, until somebody else has it.</summary>
/// <param name="Key">Which one.</param>
/// <param name="Role">Whether it serves readers, or is being built beside.</param>
/// <param name="Epoch">What its pages are checked against: the lease is lost when the row's epoch is another.</param>
public sealed record ConsumerLease(ConsumerKey Key, ConsumerRole Role, long Epoch);
