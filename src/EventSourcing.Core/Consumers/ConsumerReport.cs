namespace EventSourcing;

/// <summary>What an owner says of a row.</summary>
internal sealed record ConsumerReport(long Epoch, ConsumerState State, string? Error, double EventsPerSecond);
