namespace EventSourcing;

/// <summary>What is known about a command besides its content; it travels into the metadata of the events that follow.</summary>
public sealed record CommandContext
{
    /// <summary>The command's id; by default a new one that rises with time.</summary>
    public string CommandId { get; init; } = Guid.CreateVersion7().ToString();

    /// <summary>The conversation that the command belongs to; by default the command starts one with its own id.</summary>
    public string? CorrelationId { get; init; }

    /// <summary>The message that caused the command, an event's id for instance; by default the command's own id.</summary>
    public string? CausationId { get; init; }

    /// <summary>Who or what acts.</summary>
    public string? Actor { get; init; }

    /// <summary>Your own values for the events' metadata.</summary>
    public IReadOnlyDictionary<string, string> Custom { get; init; } = EventMetadata.EmptyCustom;
}
