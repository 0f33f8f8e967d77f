namespace EventSourcing.PostgreSql;

/// <summary>The statements that maintain streams, for one schema.</summary>
internal sealed class MaintenanceSql(SchemaName schema)
{
    private const string Answer = "select outcome, version, first_version, state, stand_in";

    public string Archive { get; } = $"{Answer} from {schema.Quoted}.archive_stream($1, $2, $3)";

    public string Restore { get; } = $"{Answer} from {schema.Quoted}.restore_stream($1, $2, $3)";

    public string Truncate { get; } = $"{Answer} from {schema.Quoted}.truncate_stream($1, $2, $3, $4, $5, $6, $7)";

    public string Delete { get; } = $"{Answer} from {schema.Quoted}.delete_stream($1, $2, $3, $4)";

    public string UnreadBy { get; } = $"""
        select u.last, u.consumer, u.at, u.is_parked
        from {schema.Quoted}.streams s, {schema.Quoted}.unread_by(s.bucket, s.stream_id, $3) u
        where s.bucket = $1 and s.name = $2
        order by u.consumer, u.at
        """;

    public string Operations { get; } = $"""
        select at, operation, stream_name, version, first_version, events, even_unread, actor, reason, login
        from {schema.Quoted}.stream_operations
        where $1::text is null or stream_name = $1
        order by number
        """;
}
