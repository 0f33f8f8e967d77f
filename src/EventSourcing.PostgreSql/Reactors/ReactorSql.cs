namespace EventSourcing.PostgreSql;

/// <summary>The statements on what reactors remember, for one schema. Each is a transaction of its own.</summary>
internal sealed class ReactorSql(SchemaName schema)
{
    /// <summary>How many receipts are looked at in one statement that prunes.</summary>
    public const int PruneAtOnce = 10_000;

    private const string MessageColumns = "key, id, stream_name, version, position, type, data, due_at, attempts, error, parked_at";

    /// <summary>Where a shard stands, $1 to $4, and the highest receipt.</summary>
    public string Load { get; } = $"""
        select position, coalesce((select max(r.position) from {schema.Quoted}.reactor_receipts r where r.reactor = $1), 0)
        from {schema.Quoted}.consumers
        where name = $1 and generation = $2 and shard = $3 and epoch = $4
        """;

    public string FindReceipts { get; } = $"""
        select id from {schema.Quoted}.reactor_receipts where reactor = $1 and position > $2 and position <= $3
        """;

    /// <summary>Moves a shard over a page in which nothing was handled. When a crash of the server forgets that, the page is read again:
    /// the commit need not wait for the disk.</summary>
    public string Move { get; } = $"{LeasedPage.Fence(schema)} select count(*), set_config('synchronous_commit', 'off', true) from fence";

    /// <summary>Moves a shard past an event that is parked.</summary>
    public string MoveParked { get; } = $"{LeasedPage.Fence(schema)} select count(*) from fence";

    /// <summary>Moves a shard past an event, with what came of it: $13 on.</summary>
    public string MoveHandled { get; } = $"{LeasedPage.Fence(schema)}{Outcome(schema, first: 13)}";

    /// <summary>Removes a message, $5 and $6, with what came of it, $7 on. Where its own key is scheduled anew, the new one takes its
    /// place: one statement cannot change a row twice.</summary>
    public string SettleMessage { get; } = $"""
        {Lease(schema)}, settled as (
          delete from {schema.Quoted}.scheduled_messages
          where reactor = $1 and key = $5 and id = $6 and not $5 = any ($9) and not $5 = any ($18) and exists (select from fence)
        ){Outcome(schema, first: 7)}
        """;

    /// <summary>Keeps a message, $5 and $6, that failed.</summary>
    public string PostponeMessage { get; } = $"""
        {Lease(schema)}, postponed as (
          update {schema.Quoted}.scheduled_messages
          set attempts = $7, error = $8, next_at = clock_timestamp() + coalesce($9, interval '0'),
            parked_at = case when $9 is null then clock_timestamp() end
          where reactor = $1 and key = $5 and id = $6 and exists (select from fence)
        )
        select count(*) from fence
        """;

    /// <summary>The next message of a shard: no row where the lease is lost, a row of nulls where there is none.</summary>
    public string FindNextMessage { get; } = $"""
        select m.*
        from {schema.Quoted}.consumers c
        left join lateral (
          select {MessageColumns}, next_at - clock_timestamp()
          from {schema.Quoted}.scheduled_messages
          where reactor = $1 and parked_at is null and next_at <= now() + $5 and bucket >= $6 and bucket < $7
          order by next_at
          limit 1
        ) m on true
        where c.name = $1 and c.generation = $2 and c.shard = $3 and c.epoch = $4
        """;

    public string ListMessages { get; } = $"""
        select {MessageColumns} from {schema.Quoted}.scheduled_messages where reactor = $1 order by due_at, key
        """;

    public string RetryMessage { get; } = $"""
        update {schema.Quoted}.scheduled_messages set attempts = 0, parked_at = null, next_at = clock_timestamp()
        where reactor = $1 and id = $2 and parked_at is not null
        """;

    public string RemoveMessage { get; } = $"delete from {schema.Quoted}.scheduled_messages where reactor = $1 and id = $2";

    /// <summary>Removes a dead letter, $1 and $2, with what came of it, $3 on.</summary>
    public string SettleDeadLetter { get; } = $"""
        with gone as (
          delete from {schema.Quoted}.dead_letters where consumer = $1 and position = $2 returning position
        ), fence as (
          select from gone limit 1
        ){Outcome(schema, first: 3)}
        """;

    public string TakeBoard { get; } = $"select pg_advisory_xact_lock({new ConsumerSql(schema).BoardLock})";

    /// <summary>Puts a reactor, $1, back to $2. Comes first: what an owner has just stored is seen by the statements after it.</summary>
    public string MoveBack { get; } = $"""
        update {schema.Quoted}.consumers
        set position = least(position, $2), epoch = epoch + 1, owner = null, lease_until = null, state = 'Stopped', error = null,
          updated_at = clock_timestamp()
        where name = $1
        """;

    public IReadOnlyList<string> ForgetAfter { get; } =
    [
        $"delete from {schema.Quoted}.reactor_receipts where reactor = $1 and position > $2",
        $"delete from {schema.Quoted}.dead_letters where consumer = $1 and position > $2",
        $"delete from {schema.Quoted}.scheduled_messages where reactor = $1 and position > $2",
    ];

    /// <summary>Forgets the oldest receipts, a bounded number of them.</summary>
    public string PruneReceipts { get; } = $"""
        with oldest as (
          select position, id, handled_at
          from {schema.Quoted}.reactor_receipts
          where reactor = $1 and position <= (select min(position) from {schema.Quoted}.consumers where name = $1)
          order by position
          limit {PruneAtOnce}
        )
        delete from {schema.Quoted}.reactor_receipts r
        using oldest o
        where r.reactor = $1 and r.position = o.position and r.id = o.id and o.handled_at < clock_timestamp() - $2
        """;

    private static string Lease(SchemaName schema) => $"""
        with fence as (
          select from {schema.Quoted}.consumers where name = $1 and generation = $2 and shard = $3 and epoch = $4 for update
        )
        """;

    /// <summary>Stores an outcome where there is a fence: the receipt, then the messages in columns, then the keys that are cancelled.</summary>
    private static string Outcome(SchemaName schema, int first)
    {
        string P(int i) => System.FormattableString.Invariant($"${first + i}");
        return $"""
            , receipt as (
              insert into {schema.Quoted}.reactor_receipts (reactor, id, position)
              select $1, {P(0)}, {P(1)} from fence
              on conflict do nothing
            ), scheduled as (
              insert into {schema.Quoted}.scheduled_messages
                (reactor, key, id, bucket, stream_name, version, position, type, data, due_at, next_at)
              select $1, u.*, greatest(u.due_at, clock_timestamp())
              from unnest({P(2)}::text[], {P(3)}::uuid[], {P(4)}::smallint[], {P(5)}::text[], {P(6)}::bigint[], {P(7)}::bigint[], {P(8)}::text[],
                {P(9)}::json[], {P(10)}::timestamptz[]) u (key, id, bucket, stream_name, version, position, type, data, due_at)
              where exists (select from fence)
              on conflict (reactor, key) do update
              set id = excluded.id, bucket = excluded.bucket, stream_name = excluded.stream_name, version = excluded.version,
                position = excluded.position, type = excluded.type, data = excluded.data, due_at = excluded.due_at,
                next_at = excluded.next_at, attempts = 0, error = null, parked_at = null
            ), cancelled as (
              delete from {schema.Quoted}.scheduled_messages
              where reactor = $1 and key = any ({P(11)}::text[]) and exists (select from fence)
            )
            select count(*) from fence
            """;
    }
}
