namespace EventSourcing;

/// <summary>What a consumer does with an event that it has tried in vain.</summary>
public enum PoisonAction
{
    /// <summary>It stops at the event, loudly; others go on.</summary>
    Stop,

    /// <summary>It keeps the event as a dead letter, in the transaction that goes past it, and goes on.</summary>
    Park,
}
