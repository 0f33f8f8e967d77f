namespace EventSourcing.PostgreSql;

/// <summary>The statements of the hot paths, for one schema.</summary>
internal sealed class Sql(SchemaName schema)
{
    private const string Columns = "e.version, e.position, e.event_id, e.type, e.data, e.metadata, e.recorded_at, e.tags";

    private const string Filter = "and ($4::text[] is null or category = any ($4)) and ($5::text[] is null or e.type = any ($5)) and e.bucket >= $6 and e.bucket < $7";

    public SchemaName Schema { get; } = schema;

    /// <summary>Any append, with a full answer.</summary>
    public string Append { get; } =
        $"select outcome, version, last, unseen from {schema.Quoted}.append_events($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)";

    /// <summary>Appends of several callers; answers with those that were stored.</summary>
    public string AppendBatch { get; } =
        $"select stream, version, last from {schema.Quoted}.append_batch($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)";

    /// <summary>An append of one event to one stream; no row where the stream is not as expected.</summary>
    // Scalars for the one event that most appends have: measured 0.80 against 0.68 of the floor with arrays of one.
    public string AppendOne { get; } = $"select version, last from {schema.Quoted}.append_event($1, $2, $3, $4, $5, $6, $7, $8, $9)";

    /// <summary>The same for several events of one stream.</summary>
    public string AppendSeveral { get; } = $"select version, last from {schema.Quoted}.append_stream($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";

    public string ReadStreamForwards { get; } = ReadStream(schema, ">=", "asc");

    public string ReadStreamBackwards { get; } = ReadStream(schema, "<=", "desc");

    public string Replay { get; } = OfStream(schema, "e.version, e.position, e.type, e.data", "e.version > $3", "order by e.version", limit: string.Empty);

    /// <summary>The streams that are archived, truncated or deleted.</summary>
    // By a table that holds few, each: not by a walk through all streams.
    public string ReadStreams { get; } = $"""
        select s.name, f.version, f.first_version, f.state, f.stand_in
        from (
          select c.bucket, c.name from {schema.Quoted}.streams c where c.state <> 0
          union
          select t.bucket, t.stream_name from {schema.Quoted}.truncated_streams t
        ) s,
          {schema.Quoted}.find_stream(s.bucket, s.name) f
        order by s.name
        """;

    /// <summary>What is known of a stream besides its events.</summary>
    public string FindStream { get; } = $"select version, first_version, state, stand_in from {schema.Quoted}.find_stream($1, $2)";

    public string FindVersion { get; } = OfStream(schema, "e.version", "e.event_id = $3", string.Empty, "limit 1");

    /// <summary>The events that match a query, and the places of all that match beyond $1.</summary>
    // Each looked up by its position: a plan that expects many, as it must, may else read the whole log for the few that match.
    public string Query { get; } = $"""
        select {Columns}, e.stream_name, m.place
        from (
          select f.place, f.place_bucket, bool_or(f.is_wanted) as is_wanted
          from {schema.Quoted}.find_events($1, $2, $3, $4) f
          group by f.place, f.place_bucket
        ) m
        left join lateral (
          select * from {schema.Quoted}.log l where m.is_wanted and l.bucket = m.place_bucket and l.position = m.place limit 1
        ) e on true
        order by m.place
        """;

    public string ReadLog { get; } = ReadPage(schema, string.Empty);

    public string ReadLogFiltered { get; } = ReadPage(schema, Filter);

    /// <summary>The same, of the events that have all of $8.</summary>
    // From tag to event, one by one: where the planner may choose, it walks through the whole range of the log for a tag that few have.
    public string ReadLogTagged { get; } = $"""
        select e.*
        from {schema.Quoted}.event_tags t
        cross join lateral (
          select {Columns}, e.stream_name
          from {schema.Quoted}.log e
          where e.bucket = t.bucket and e.position = t.position {Filter} and tags @> $8
          offset 0
        ) e
        where t.tag = ($8::text[])[1] and t.position > $1 and t.position <= $2
        order by t.position
        limit $3
        """;

    /// <summary>The highest position with the id of its event, how far the positions after $1 run without a hole, for a stretch, which
    /// event stands at $1, or stood there before it was removed, and whether this is a standby.</summary>
    // The stretch as a range: with a limit instead, a plan made while the table is young reads and sorts all of it each time.
    public string LookAhead { get; } = $"""
        select last.position,
          last.event_id,
          (
            select max(position) filter (where position = $1 + nth)
            from (
              select position, row_number() over (order by position) as nth
              from {schema.Quoted}.log
              where position > $1 and position <= $1 + 1000
            ) numbered
          ),
          coalesce(
            (select event_id from {schema.Quoted}.log where position = $1 limit 1),
            (select event_id from {schema.Quoted}.removed_events where position = $1)
          ),
          pg_is_in_recovery()
        from (values (1)) one (row)
        left join (select position, event_id from {schema.Quoted}.log order by position desc limit 1) last on true
        """;

    /// <summary>Who is between taking positions and having committed: the holders of the append lock. On a standby that cannot be
    /// seen, and there may always be somebody.</summary>
    public string AppendLockHolders { get; } = $"""
        select pid, virtualtransaction
        from pg_locks
        where locktype = 'advisory' and granted and objsubid = 2
          and database = (select oid from pg_database where datname = current_database())
          and classid = {unchecked((uint)SchemaName.AppendLockClass)} and objid = {unchecked((uint)schema.AppendLockObject)}
        union all
        select null, 'standby' where pg_is_in_recovery()
        """;

    /// <summary>The same holders, for people.</summary>
    public string OpenAppends { get; } = $"""
        select coalesce('process ' || l.pid, 'prepared transaction ' || l.virtualtransaction), a.application_name, a.xact_start
        from pg_locks l
        left join pg_stat_activity a on a.pid = l.pid
        where l.locktype = 'advisory' and l.granted and l.objsubid = 2
          and l.database = (select oid from pg_database where datname = current_database())
          and l.classid = {unchecked((uint)SchemaName.AppendLockClass)} and l.objid = {unchecked((uint)schema.AppendLockObject)}
        """;

    private static string ReadStream(SchemaName schema, string comparison, string direction) =>
        OfStream(schema, Columns, $"e.version {comparison} $3", $"order by e.version {direction}", "limit $4");

    // The stream's id as a scalar leaves the planner one way: down the primary key, in order. As a join it may choose, while
    // the tables are young, to walk through all streams of the bucket. Each branch in order, so that the two are merged and not
    // sorted; and the archive is not even looked into for a stream that is not archived.
    private static string OfStream(SchemaName schema, string columns, string condition, string order, string limit)
    {
        string From(string table) => $"""
            select {columns}
            from {schema.Quoted}.{table} e
            where e.bucket = $1 and e.stream_id = (select s.stream_id from s) and {condition}
            """;
        return $"""
            with s as materialized (
              select s.stream_id, s.state from {schema.Quoted}.streams s where s.bucket = $1 and s.name = $2
            )
            select * from (
              ({From("events")} {order} {limit})
              union all
              ({From("archived_events")} and (select s.state from s) = 1 {order} {limit})
            ) e
            {order}
            {limit}
            """;
    }

    private static string ReadPage(SchemaName schema, string filter) => $"""
        select {Columns}, e.stream_name
        from {schema.Quoted}.log e
        where position > $1 and position <= $2 {filter}
        order by position
        limit $3
        """;
}
