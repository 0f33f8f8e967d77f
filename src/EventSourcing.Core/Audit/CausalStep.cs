namespace EventSourcing;

/// <summary>One step of a chain of causes.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Id">Its id, as metadata name it.</param>
/// <param name="Entry">The event, where it is one.</param>
public sealed record CausalStep(CausalStepKind Kind, string Id, AuditEntry? Entry = null)
{
    /// <summary>For people: the event, or <c>command</c> and its id.</summary>
    public override string ToString() => Kind switch
    {
        CausalStepKind.Event => Entry?.ToString() ?? Id,
        CausalStepKind.Command => $"command {Id}",
        _ => $"{Id} (not in the log)",
    };

    internal static CausalStep Of(AuditEntry entry) => new(CausalStepKind.Event, entry.Recorded.Id.ToString(), entry);

    internal static CausalStep OfCommand(string id) => new(CausalStepKind.Command, id);
}
