namespace EventSourcing;

/// <summary>How the telling of other systems stands, in whatever processes it runs.</summary>
public sealed record PublicMessageStatus
{
    /// <summary>The translators: how far each has come through the log.</summary>
    public required IReadOnlyList<ConsumerStatus> Translators { get; init; }

    /// <summary>What the relay is doing. <see cref="ConsumerState.Retrying"/>, for instance, while the broker is away.</summary>
    public required ConsumerState Relay { get; init; }

    /// <summary>The process that relays, by machine and process id; null where none does.</summary>
    public string? RelayOwner { get; init; }

    /// <summary>The relay's last failure, while it is retrying or failed.</summary>
    public string? RelayError { get; init; }

    /// <summary>How many messages wait in the outbox, without the parked ones.</summary>
    public required long Backlog { get; init; }

    /// <summary>How long the oldest of them has been waiting; zero where none waits.</summary>
    public required TimeSpan BacklogAge { get; init; }

    /// <summary>How many messages are parked.</summary>
    public required long Parked { get; init; }
}
