using System.Globalization;
using System.Text;

namespace EventSourcing;

/// <summary>A stored event as an audit looks at it: what was stored, where and when, by whom and why. Its class need not be known any
/// more, and upcasters have no say.</summary>
public sealed class AuditEntry
{
    private EventMetadata? metadata;

    /// <summary>Looks at an event.</summary>
    /// <param name="recorded">The event as the store holds it.</param>
    public AuditEntry(RecordedEvent recorded)
    {
        ArgumentNullException.ThrowIfNull(recorded);
        Recorded = recorded;
    }

    /// <summary>The event as the store holds it. <see cref="EventSerializer"/> makes your own of it.</summary>
    public RecordedEvent Recorded { get; }

    /// <summary>Who did it and why: actor, command, correlation, causation, and your own values.</summary>
    /// <exception cref="EventSerializationException">The stored metadata is not a JSON object.</exception>
    public EventMetadata Metadata => metadata ??= EventMetadataJson.Read(Recorded);

    /// <summary>What the event is found by.</summary>
    /// <param name="key">Which of its keys.</param>
    /// <returns>The value; null where it has none.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such key.</exception>
    /// <exception cref="EventSerializationException">The stored metadata is not a JSON object.</exception>
    public string? ValueOf(AuditKey key) => key switch
    {
        AuditKey.EventId => Recorded.Id.ToString(),
        AuditKey.CommandId => Metadata.CommandId,
        AuditKey.CorrelationId => Metadata.CorrelationId,
        AuditKey.CausationId => Metadata.CausationId,
        AuditKey.Actor => Metadata.Actor,
        _ => throw new ArgumentOutOfRangeException(nameof(key), key, "There is no such key."),
    };

    /// <summary>For adapters: whether the event is found by one of the values. One whose metadata cannot be read is found by its id alone.</summary>
    /// <param name="key">Which of its keys.</param>
    /// <param name="values">The values.</param>
    public bool IsFoundBy(AuditKey key, IReadOnlyCollection<string> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        try
        {
            return key == AuditKey.EventId
                ? values.Any(value => Guid.TryParse(value, out var id) && id == Recorded.Id)
                : ValueOf(key) is { } own && values.Contains(own);
        }
        catch (EventSerializationException)
        {
            return false;
        }
    }

    /// <summary>For people: <c>order-7@2 order-paid, 2026-01-31 10:00:00.123Z, by clerk-7</c>.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Recorded.Stream}@{Recorded.Version} {Recorded.Type}, ");
        text.Append(Recorded.RecordedAt.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
        try
        {
            if (Metadata.Actor is { } actor)
            {
                text.Append(", by ").Append(actor);
            }
        }
        catch (EventSerializationException)
        {
            text.Append(", with metadata that cannot be read");
        }

        return text.ToString();
    }
}
