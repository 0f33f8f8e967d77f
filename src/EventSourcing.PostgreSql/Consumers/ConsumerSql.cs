namespace EventSourcing.PostgreSql;

/// <summary>The statements on what processes agree on, for one schema.</summary>
internal sealed class ConsumerSql(SchemaName schema)
{
    /// <summary>Taken for as long as the board is changed.</summary>
    public long BoardLock { get; } = schema.InstallLock ^ 1;

    /// <summary>Taken while tables of a read model are made.</summary>
    public long SetUpLock { get; } = schema.InstallLock ^ 2;

    public string ReadBoard { get; } = $"""
        select name, generation, shard, shards, version, is_serving as IsServing, is_inline as IsInline, position, epoch, owner,
          coalesce(owner is not null and lease_until > clock_timestamp(), false) as IsHeld, is_paused as IsPaused, state, error,
          events_per_second as EventsPerSecond
        from {schema.Quoted}.consumers
        where @Name is null or name = @Name::text
        order by name, generation, shard;
        select id, label, runs, seen_until > clock_timestamp() from {schema.Quoted}.processes order by id;
        """;

    public string Present { get; } = $"""
        insert into {schema.Quoted}.processes (id, label, runs, seen_until) values (@Id, @Label, @Runs, clock_timestamp() + @LeaseTime)
        on conflict (id) do update set seen_until = excluded.seen_until;
        delete from {schema.Quoted}.processes where seen_until < clock_timestamp() - interval '1 minute';
        """;

    public string Gone { get; } = $"delete from {schema.Quoted}.processes where id = @Id";

    public string Add { get; } = $"""
        insert into {schema.Quoted}.consumers
          (name, generation, shard, shards, version, is_serving, position, epoch, owner, lease_until, lease_time, is_paused)
        values
          (@Name, @Generation, @Shard, @Shards, @Version, @IsServing, @Position, @Epoch, @Owner, clock_timestamp() + @LeaseTime, @LeaseTime, @IsPaused)
        on conflict do nothing
        """;

    /// <summary>Not one that has just become what appends apply: that does not wait for the board.</summary>
    public string Remove { get; } = $"""
        with gone as (
          delete from {schema.Quoted}.consumers
          where name = @Name and generation = @Generation and shard = @Shard and not is_inline
          returning is_serving
        )
        delete from {schema.Quoted}.dead_letters
        where consumer = @Name and generation = @Generation and exists (select from gone where not is_serving)
        """;

    /// <summary>Whoever is in the middle of a page has locked its row, and renews its lease itself at the end of the page.</summary>
    public string Change { get; } = $"""
        with wanted as (
          select *
          from unnest(@Names, @Generations, @Shards, @Epochs, @NewEpochs, @Owners, @ArePaused, @States, @Errors, @Rates)
            as w (name, generation, shard, epoch, new_epoch, owner, is_paused, state, error, rate)
        ), free as (
          select c.name, c.generation, c.shard
          from {schema.Quoted}.consumers c
          join wanted w on w.name = c.name and w.generation = c.generation and w.shard = c.shard and w.epoch = c.epoch
          for update of c skip locked
        )
        update {schema.Quoted}.consumers c
        set epoch = w.new_epoch, owner = w.owner, is_paused = w.is_paused, state = w.state, error = w.error, events_per_second = w.rate,
          lease_until = case when w.owner is not null then coalesce(clock_timestamp() + @LeaseTime::interval, c.lease_until) end,
          lease_time = coalesce(@LeaseTime::interval, c.lease_time),
          updated_at = clock_timestamp()
        from wanted w
        join free f on f.name = w.name and f.generation = w.generation and f.shard = w.shard
        where c.name = w.name and c.generation = w.generation and c.shard = w.shard
        """;

    public string Demote { get; } = $"select {schema.Quoted}.demote_consumer(@Name)";

    /// <summary>Locks all rows of a projection, so that neither appends nor anybody else moves it.</summary>
    public string LockAll { get; } = $"""
        select generation, shard, epoch, position, is_paused from {schema.Quoted}.consumers where name = @Name order by generation, shard for update
        """;

    /// <summary>Locks what serves readers of a projection, where it is of a version.</summary>
    public string LockServing { get; } = $"""
        select generation from {schema.Quoted}.consumers where name = @Name and is_serving and version = @Version order by generation, shard for update
        """;

    /// <summary>Keeps the rows of projections as they are while an append applies them.</summary>
    public string LockInline { get; } = $"""
        select name, generation, version, is_inline as IsInline from {schema.Quoted}.consumers
        where name = any (@Names) and is_serving
        order by name
        for share
        """;

    /// <summary>Whether a process is there that runs another version of a projection.</summary>
    public string IsKnownOtherwise { get; } = $"""
        select exists (
          select from {schema.Quoted}.processes p, unnest(p.runs) r
          where p.seen_until > clock_timestamp() and r <> @Name || '@' || @Version and left(r, length(r) - strpos(reverse(r), '@')) = @Name
        )
        """;

    public string GoInline { get; } = $"""
        update {schema.Quoted}.consumers set is_inline = true, epoch = epoch + 1, owner = null, lease_until = null
        where name = @Name and generation = @Generation
        """;

    public string CreateReadModel { get; } = $"select {schema.Quoted}.create_read_model(@tables)";

    /// <summary>To the end of the transaction, what is made is the application role's: where there is one, the read model is its own,
    /// and the login is a member of it.</summary>
    public string ActAsApplication { get; } = $"""
        select set_config('role', r.rolname, true)
        from {schema.Quoted}.roles a
        join pg_roles r on r.oid = a.role
        join pg_namespace n on n.nspowner = r.oid
        where a.name = 'application' and n.nspname = @tables and pg_has_role(r.oid, 'member')
        """;

    /// <summary>Replaces the serving generation. Both are locked first, so that nobody moves while they are compared.</summary>
    public string Promote { get; } = $"select {schema.Quoted}.promote_consumer(@Name, @Generation, @Serving, @Built, @Retired)";

    /// <summary>Locks the row of a page, and tells where it stands.</summary>
    public string LockPage { get; } = $"""
        select position from {schema.Quoted}.consumers
        where name = @Name and generation = @Generation and shard = @Shard and epoch = @Epoch
        for update
        """;

    /// <summary>Moves a page and keeps what is parked: $1 to $12 of <see cref="LeasedPage"/>; a count of 0 where the lease is lost.</summary>
    public string MovePage { get; } = $"{LeasedPage.Fence(schema)} select count(*) from fence";

    // Of the table itself: to_regnamespace would answer from what this session has known since before it waited for the lock.
    public string HasReadModel { get; } = "select exists (select from pg_namespace where nspname = @tables)";

    public static string FindRetired => "select nspname from pg_namespace where starts_with(nspname, @Prefix)";
}
