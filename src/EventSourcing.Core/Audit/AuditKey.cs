namespace EventSourcing;

/// <summary>By what an audit finds events.</summary>
public enum AuditKey
{
    /// <summary>The event's own id.</summary>
    EventId = 0,

    /// <summary>The command that the event came from: <see cref="EventMetadata.CommandId"/>.</summary>
    CommandId = 1,

    /// <summary>The conversation: <see cref="EventMetadata.CorrelationId"/>.</summary>
    CorrelationId = 2,

    /// <summary>What directly caused the event: <see cref="EventMetadata.CausationId"/>.</summary>
    CausationId = 3,

    /// <summary>Who or what acted: <see cref="EventMetadata.Actor"/>.</summary>
    Actor = 4,
}
