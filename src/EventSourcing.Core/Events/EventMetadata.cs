namespace EventSourcing;

/// <summary>What is known about an event besides its content: who caused it, and by what.</summary>
public sealed record EventMetadata
{
    /// <summary>No metadata; stored as nothing.</summary>
    public static EventMetadata None { get; } = new();

    /// <summary>The command that the event came from.</summary>
    public string? CommandId { get; init; }

    /// <summary>The conversation that the event belongs to: the same for everything that one request set off.</summary>
    public string? CorrelationId { get; init; }

    /// <summary>The message (command or event) that directly caused the event.</summary>
    public string? CausationId { get; init; }

    /// <summary>Who or what acted.</summary>
    public string? Actor { get; init; }

    /// <summary>The W3C <c>traceparent</c> of the span that wrote the event.</summary>
    public string? TraceParent { get; init; }

    /// <summary>The W3C <c>tracestate</c> of that span: what tracing systems keep beside the id, such as how it was sampled.</summary>
    public string? TraceState { get; init; }

    /// <summary>Your own values, stored beside the others under their keys, which must differ from the others' names.</summary>
    public IReadOnlyDictionary<string, string> Custom { get; init; } = EmptyCustom;

    internal static IReadOnlyDictionary<string, string> EmptyCustom { get; } =
        System.Collections.Frozen.FrozenDictionary<string, string>.Empty;
}
