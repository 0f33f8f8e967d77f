namespace EventSourcing;

/// <summary>What stands at a step of a chain of causes.</summary>
public enum CausalStepKind
{
    /// <summary>A stored event.</summary>
    Event = 0,

    /// <summary>A command, known by the events that it left.</summary>
    Command = 1,

    /// <summary>Something outside, of which the log holds no more than the id: a message of another system, a request.</summary>
    Other = 2,
}
