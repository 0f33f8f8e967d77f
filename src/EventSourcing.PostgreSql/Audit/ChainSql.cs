namespace EventSourcing.PostgreSql;

/// <summary>The statements that read events with their hashes, for one schema.</summary>
internal sealed class ChainSql(SchemaName schema)
{
    public const long PageBytes = 8 * 1024 * 1024;

    private const string Columns = """
        e.version, e.position, e.event_id, e.type, e.data, e.metadata, e.recorded_at, e.tags, e.stream_name,
        s.bucket, s.name, s.version, e.hash, c.hash, e.category = split_part(e.stream_name, '-', 1)
        """;

    /// <summary>All of a stream; without events, a row that says so.</summary>
    public string OneStream { get; } = $"""
        select {Columns}
        from {schema.Quoted}.streams s
        left join {schema.Quoted}.log e on e.bucket = s.bucket and e.stream_id = s.stream_id
        left join {schema.Quoted}.chain_starts c on c.bucket = s.bucket and c.stream_id = s.stream_id and c.version = e.version - 1
        where s.bucket = $1 and s.name = $2 and s.version > 0
        order by e.version
        """;

    /// <summary>What comes after an event, stream by stream: so many streams, and of each so many events, that however long they are no
    /// page reads far beyond what it gives.</summary>
    public string Page { get; } = $"""
        select {Columns}
        from (
          select bucket, name, stream_id, version
          from {schema.Quoted}.streams
          where (bucket, name) >= ($1, $2) and bucket < $4 and version > 0
          order by bucket, name
          limit 200
        ) s
        left join lateral (
          select *
          from {schema.Quoted}.log l
          where l.bucket = s.bucket and l.stream_id = s.stream_id and l.version > case when s.bucket = $1 and s.name = $2 then $3 else 0 end
          order by l.version
          limit 2000
        ) e on true
        left join {schema.Quoted}.chain_starts c on c.bucket = s.bucket and c.stream_id = s.stream_id and c.version = e.version - 1
        order by s.bucket, s.name, e.version
        limit 2000
        """;

    /// <summary>Events that the log shows and no stream knows of.</summary>
    public string Strays { get; } = $"""
        select e.version, e.position, e.event_id, e.type, e.data, e.metadata, e.recorded_at, e.tags, e.stream_name,
          e.bucket, e.stream_name, e.version, e.hash, e.hash, true
        from {schema.Quoted}.log e
        left join {schema.Quoted}.streams s on s.bucket = e.bucket and s.name = e.stream_name
        where (s.stream_id is distinct from e.stream_id or e.version > s.version) and e.bucket >= $1 and e.bucket < $2
        order by e.position
        limit 1000
        """;
}
