namespace EventSourcing.PostgreSql;

/// <summary>What events are looked up by, as the statements and the indexes both have it.</summary>
internal static class AuditIndex
{
    public const string EventId = "event_id";

    /// <summary>The keys, and the names of their indexes, which follow that of the table.</summary>
    public static IReadOnlyList<(AuditKey Key, string Name)> All { get; } =
    [
        (AuditKey.EventId, "audit_event"),
        (AuditKey.CommandId, "audit_command"),
        (AuditKey.CorrelationId, "audit_correlation"),
        (AuditKey.CausationId, "audit_causation"),
        (AuditKey.Actor, "audit_actor"),
    ];

    /// <summary>The columns of an index: the position too, so that many events of one actor are read in order, page by page.</summary>
    public static string Columns(SchemaName schema, AuditKey key) => key == AuditKey.EventId ? "event_id" : $"({Text(schema, key)}), position";

    /// <summary>The text in the metadata, byte by byte.</summary>
    public static string Text(SchemaName schema, AuditKey key) =>
        $"{schema.Quoted}.metadata_text(metadata, '{Property(key)}') collate \"C\"";

    private static string Property(AuditKey key) => key switch
    {
        AuditKey.CommandId => "commandId",
        AuditKey.CorrelationId => "correlationId",
        AuditKey.CausationId => "causationId",
        AuditKey.Actor => "actor",
        _ => throw new ArgumentOutOfRangeException(nameof(key), key, "There is no such key."),
    };
}
