namespace EventSourcing;

/// <summary>What a projection or a reactor is doing.</summary>
public enum ConsumerState
{
    /// <summary>Not running anywhere.</summary>
    Stopped,

    /// <summary>Working through events that are already there.</summary>
    CatchingUp,

    /// <summary>At the head of the log, waiting for the next event.</summary>
    Live,

    /// <summary>Waiting before it tries again after a failure.</summary>
    Retrying,

    /// <summary>Given up on an event; it stays at that event until it is resumed or its process starts anew.</summary>
    Failed,

    /// <summary>Paused by somebody, until it is resumed.</summary>
    Paused,
}
