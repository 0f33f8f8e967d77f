namespace EventSourcing;

/// <summary>What a projection is doing.</summary>
public enum ProjectionState
{
    /// <summary>Not running.</summary>
    Stopped,

    /// <summary>Working through events that are already there.</summary>
    CatchingUp,

    /// <summary>At the head of the log, waiting for the next event.</summary>
    Live,

    /// <summary>Waiting before it tries again after a failure.</summary>
    Retrying,

    /// <summary>Given up on an event; it stays at that event until it is started again.</summary>
    Failed,
}
