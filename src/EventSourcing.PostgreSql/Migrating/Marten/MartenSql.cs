namespace EventSourcing.PostgreSql;

/// <summary>The statements that read Marten's tables, made for the columns that are there: they differ by version and by what was configured.</summary>
internal sealed class MartenSql
{
    public static readonly string[] Required = ["seq_id", "id", "stream_id", "version", "data", "type", "timestamp"];

    /// <summary>How the class begins of what Marten puts in the place of events that it compacts.</summary>
    public static readonly string[] Summaries = ["JasperFx.Events.Compacted`1", "Marten.Events.Compacted`1"];

    private static readonly string[] Read =
        [.. Required, "tenant_id", "mt_dotnet_type", "is_archived", "correlation_id", "causation_id", "user_name", "headers", "bdata"];

    public MartenSql(string schema, ForeignShape events, ForeignShape streams)
    {
        OtherColumns = [.. events.Columns.Keys.Except(Read).Order(StringComparer.Ordinal)];
        TellsTenantsApart = streams.Key.Contains("tenant_id") && events.Has("tenant_id");
        TellsArchivedApart = streams.Key.Contains("is_archived") && events.Has("is_archived");

        // By what the rows of mt_streams are told apart beside their id.
        List<string> keys = [.. TellsTenantsApart ? ["tenant_id"] : Array.Empty<string>(), .. TellsArchivedApart ? ["is_archived"] : Array.Empty<string>()];
        var quoted = ForeignShape.Quoted(schema);
        var archivedEvent = events.Has("is_archived") ? "e.is_archived" : "false";

        var stream = $"left join {quoted}.mt_streams s on s.id = e.stream_id{string.Concat(keys.Select(key => $" and s.{key} = e.{key}"))}";
        var type = streams.Has("type") ? "s.type::text" : "null";
        var archivedStream = streams.Has("is_archived") ? "s.is_archived" : "null::boolean";

        Page = $"""
            select e.seq_id, e.stream_id::text, {type}, {Column("tenant_id")}::text, coalesce({archivedStream}, {archivedEvent}, false),
              e.version::bigint, e.id, e.type::text, {Column("mt_dotnet_type")}::text, e.timestamp, e.data,
              {Column("correlation_id")}::text, {Column("causation_id")}::text, {Column("user_name")}::text, {Column("headers")}::jsonb,
              {(events.Has("bdata") ? "e.bdata is not null" : "false")}, {Others()}
            from {quoted}.mt_events e
            {stream}
            where e.seq_id > $1 and e.seq_id <= $2
            order by e.seq_id
            """;

        // A stream without a row of its own goes by its events.
        Streams = $"""
            select e.version, e.stream_id::text, {type}, {(TellsTenantsApart ? "e.tenant_id" : "e.any_tenant")}::text, coalesce({archivedStream}, e.any_archived, false)
            from (
              select {string.Join(", ", keys.Prepend("stream_id"))}, max(version)::bigint as version, bool_or({(events.Has("is_archived") ? "is_archived" : "false")}) as any_archived, max({(events.Has("tenant_id") ? "tenant_id" : "null")}::text) as any_tenant
              from {quoted}.mt_events
              where seq_id <= $1
              group by {string.Join(", ", keys.Prepend("stream_id"))}) e
            {stream}
            """;

        var sameStream = string.Concat(keys.Select(key => $" and o.{key} = e.{key}"));
        Summarized = !events.Has("mt_dotnet_type") ? null : $"""
            select (select max(o.version)::bigint from {quoted}.mt_events o where o.stream_id = e.stream_id{sameStream} and o.seq_id <= $1),
              e.stream_id::text, {type}, {Column("tenant_id")}::text, coalesce({archivedStream}, {archivedEvent}, false), e.version::bigint
            from {quoted}.mt_events e
            {stream}
            where e.seq_id <= $1 and e.version > 1 and (starts_with(e.mt_dotnet_type, '{Summaries[0]}') or starts_with(e.mt_dotnet_type, '{Summaries[1]}'))
              and not exists (select from {quoted}.mt_events o where o.stream_id = e.stream_id{sameStream} and o.version < e.version)
            """;

        string Column(string name) => events.Has(name) ? $"e.{name}" : "null";

        string Others() => OtherColumns.Count == 0
            ? "null::jsonb"
            : $"jsonb_strip_nulls(jsonb_build_object({string.Join(", ", OtherColumns.Select(column => $"'{column.Replace("'", "''", StringComparison.Ordinal)}', e.{ForeignShape.Quoted(column)}"))}))";
    }

    /// <summary>Columns that have no meaning here; they are kept all the same.</summary>
    public IReadOnlyList<string> OtherColumns { get; }

    /// <summary>Whether two tenants may have a stream of one id.</summary>
    public bool TellsTenantsApart { get; }

    /// <summary>Whether a stream may have the id of one that is archived.</summary>
    public bool TellsArchivedApart { get; }

    public string Page { get; }

    public string Streams { get; }

    public string? Summarized { get; }
}
