using System.Collections.Frozen;

namespace EventSourcing;

/// <summary>The headers in which a publisher carries what its broker has no field for. A message's own headers have other names.</summary>
public static class MessageHeaders
{
    /// <summary>The message that directly caused this one: <c>causation-id</c>.</summary>
    public const string CausationId = "causation-id";

    /// <summary>The ordering key: <c>key</c>.</summary>
    public const string Key = "key";

    /// <summary>When it happened, in ISO 8601, exact to 100 ns: <c>occurred-at</c>. A broker's own time field may be coarser.</summary>
    public const string OccurredAt = "occurred-at";

    /// <summary>The W3C trace context: <c>traceparent</c>.</summary>
    public const string TraceParent = "traceparent";

    internal static FrozenSet<string> All { get; } =
        new[] { CausationId, Key, OccurredAt, TraceParent }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);
}
