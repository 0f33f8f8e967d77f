namespace EventSourcing.PostgreSql;

/// <summary>The statements on the outbox, for one schema.</summary>
internal sealed class OutboxSql(SchemaName schema)
{
    private const string Columns =
        "number, message_id, topic, type, body, occurred_at, key, headers, correlation_id, causation_id, trace_parent";

    // $1 to $4 are the relay's row and epoch. Its position does not move; what is changed is fenced all the same.
    private readonly string fence = $"""
        with fence as (
          update {schema.Quoted}.consumers
          set lease_until = clock_timestamp() + lease_time, updated_at = clock_timestamp()
          where name = $1 and generation = $2 and shard = $3 and epoch = $4
          returning epoch
        )
        """;

    /// <summary>After a page's parameters: the columns of its messages, from $13 on.</summary>
    public string Write { get; } = $"""
        {LeasedPage.Fence(schema)}, written as (
          insert into {schema.Quoted}.outbox (message_id, topic, type, body, occurred_at, key, headers, correlation_id, causation_id, trace_parent)
          select m.message_id, m.topic, m.type, m.body, m.occurred_at, m.key, m.headers, m.correlation_id, m.causation_id, m.trace_parent
          from unnest($13::uuid[], $14::text[], $15::text[], $16::text[], $17::text[], $18::text[], $19::json[], $20::text[], $21::text[], $22::text[])
            with ordinality as m (message_id, topic, type, body, occurred_at, key, headers, correlation_id, causation_id, trace_parent, ordinal)
          where exists (select from fence)
          order by m.ordinal
          on conflict (message_id) do nothing
        )
        select count(*) from fence
        """;

    /// <summary>The oldest $5 that wait, of $6 bytes together where that is more than one; a row of nulls where none waits, and no
    /// row where the lease is lost.</summary>
    public string Read { get; } = $"""
        select {string.Join(", ", Columns.Split(", ").Select(column => $"m.{column}"))}
        from (
          select from {schema.Quoted}.consumers where name = $1 and generation = $2 and shard = $3 and epoch = $4
        ) lease
        left join lateral (
          select {Columns}, sum(octet_length(body)) over (order by number) as bytes, row_number() over (order by number) as place
          from (select * from {schema.Quoted}.outbox where parked_at is null order by number limit $5) oldest
        ) m on m.place = 1 or m.bytes <= $6
        order by m.number
        """;

    public string Remove => $"""
        {fence}, gone as (
          delete from {schema.Quoted}.outbox where number = any ($5) and exists (select from fence)
        )
        select count(*) from fence
        """;

    public string Park => $"""
        {fence}, parked as (
          update {schema.Quoted}.outbox set parked_at = clock_timestamp(), error = $6, attempts = $7
          where number = $5 and exists (select from fence)
        )
        select count(*) from fence
        """;

    public string ReadParked { get; } = $"""
        select {Columns}, error, attempts, parked_at
        from {schema.Quoted}.outbox where parked_at is not null order by number limit $1
        """;

    public string Discard { get; } = $"""
        with gone as (delete from {schema.Quoted}.outbox where message_id = $1 and parked_at is not null returning number)
        select count(*) from gone
        """;

    public string Retry { get; } = $"""
        with waiting as (
          update {schema.Quoted}.outbox set parked_at = null, error = null, attempts = null
          where message_id = $1 and parked_at is not null
          returning number
        )
        select count(*) from waiting
        """;

    public string ReadBacklog { get; } = $"""
        select w.waiting, coalesce(greatest(clock_timestamp() - w.oldest, interval '0'), interval '0'), p.parked, coalesce(w.first, 0), coalesce(w.last, 0)
        from (
          select count(*) as waiting, min(written_at) as oldest, min(number) as first, max(number) as last
          from {schema.Quoted}.outbox where parked_at is null
        ) w, (
          select count(*) as parked from {schema.Quoted}.outbox where parked_at is not null
        ) p
        """;
}
