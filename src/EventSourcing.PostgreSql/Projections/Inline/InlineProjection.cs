namespace EventSourcing.PostgreSql;

/// <summary>A projection that appends apply. What is missing before they can, the runner applies as for any other.</summary>
internal sealed class InlineProjection : IInlineProjection
{
    // How long appends may be kept waiting for one that is under way, before another attempt is made later.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private const int PageSize = 1_000;

    private readonly PostgreSqlEventStore store;
    private readonly EventSerializer serializer;
    private readonly IProjection inner;
    private readonly IInlineTarget target;
    private readonly ReadModelSchema schema;
    private readonly ConsumerSql sql;

    public InlineProjection(PostgreSqlEventStore store, EventSerializer serializer, IProjection inner, IInlineTarget target)
    {
        if (inner.Shards != 1)
        {
            throw new ArgumentException($"Projection '{inner.Name}' cannot be both inline and divided into shards.", nameof(inner));
        }

        this.store = store;
        this.serializer = serializer;
        this.inner = inner;
        this.target = target;
        schema = new ReadModelSchema(store.SchemaName, inner.Name);
        sql = new ConsumerSql(store.SchemaName);
    }

    public string Name => inner.Name;

    public int Version => inner.Version;

    public IReadOnlyCollection<Type> EventTypes => inner.EventTypes;

    public IReadOnlyCollection<string> Categories => inner.Categories;

    public Task<LogPosition> LoadPositionAsync(ConsumerLease lease, CancellationToken cancellationToken) =>
        inner.LoadPositionAsync(lease, cancellationToken);

    public Task ApplyAsync(ConsumerLease lease, EventPage page, CancellationToken cancellationToken) => inner.ApplyAsync(lease, page, cancellationToken);

    /// <summary>Applies what it handles of an append's events, in the append's transaction.</summary>
    public async Task ApplyAsync(ProjectionTransaction transaction, IReadOnlyList<RecordedEvent> events)
    {
        var mine = serializer.DeserializeFor(this, events);
        if (mine.Count > 0)
        {
            await target.ApplyAsync(transaction, ReadModelSchema.Quoted(schema.Name), mine).ConfigureAwait(false);
        }
    }

    public async Task<bool> TryGoInlineAsync(ConsumerLease lease, CancellationToken cancellationToken)
    {
        var isDone = await StoreTransaction
            .RunAsync(store, work => CatchUpAsync(work, lease), isKept: static isDone => isDone, cancellationToken)
            .ConfigureAwait(false);
        if (isDone && lease.Role == ConsumerRole.Building)
        {
            await new PostgreSqlConsumerStore(store).DropRetiredAsync(schema).ConfigureAwait(false);
        }

        return isDone;
    }

    private async Task<bool> CatchUpAsync(ProjectionTransaction transaction, ConsumerLease lease)
    {
        // Appends that apply the projection, or would, hold its row in share mode: when it is locked, they have ended, and the next wait.
        await transaction.ExecuteAsync($"set local lock_timeout = {(int)Patience.TotalMilliseconds}; set local idle_in_transaction_session_timeout = 10000").ConfigureAwait(false);
        var isKnownOtherwise = (await transaction.QueryAsync<bool>(sql.IsKnownOtherwise, new { Name, Version }).ConfigureAwait(false))[0];
        if (isKnownOtherwise && lease.Role == ConsumerRole.Serving)
        {
            // Who does not know this version would take it back at once, again and again.
            return false;
        }

        var rows = await transaction.QueryAsync<(int Generation, short Shard, long Epoch, long Position, bool IsPaused)>(sql.LockAll, new { Name }).ConfigureAwait(false);
        var mine = rows.FirstOrDefault(row => row.Generation == lease.Key.Generation && row.Epoch == lease.Epoch);
        if (mine == default)
        {
            throw new LeaseLostException(lease.Key);
        }

        if (mine.IsPaused)
        {
            return false;
        }

        if (await LastAsync(transaction.CancellationToken).ConfigureAwait(false) is not { } last)
        {
            return false;
        }

        var tables = ReadModelSchema.Quoted(schema.Of(lease.Key.Generation, lease.Role));
        var options = new LogReadOptions { After = new LogPosition(mine.Position), UpTo = last, PageSize = PageSize };
        await foreach (var page in store.ReadPagesAsync(options, transaction.CancellationToken).ConfigureAwait(false))
        {
            var events = serializer.DeserializeFor(this, page.Events);
            if (events.Count > 0)
            {
                await target.ApplyAsync(transaction, tables, events).ConfigureAwait(false);
            }
        }

        var to = mine.Position < last.Value ? last : new LogPosition(mine.Position);
        await new LeasedTransaction(store, lease).MoveAsync(transaction, new EventPage(new LogPosition(mine.Position), [], to)).ConfigureAwait(false);
        if (lease.Role == ConsumerRole.Building
            && !await PostgreSqlConsumerStore.PromoteAsync(transaction, sql, schema, Name, lease.Key.Generation).ConfigureAwait(false))
        {
            return false;
        }

        if (!isKnownOtherwise)
        {
            await transaction.ExecuteAsync(sql.GoInline, new { Name, lease.Key.Generation }).ConfigureAwait(false);
        }

        return true;
    }

    /// <summary>The end of the log, once everything that was under way when the row was locked has ended; null where that takes too long.</summary>
    private async Task<LogPosition?> LastAsync(CancellationToken cancellationToken)
    {
        var until = DateTime.UtcNow + Patience;
        var underWay = await store.GetOpenAppendsAsync(cancellationToken).ConfigureAwait(false);
        while (DateTime.UtcNow < until)
        {
            var stillUnderWay = underWay.Count == 0 ? [] : await store.GetOpenAppendsAsync(cancellationToken).ConfigureAwait(false);
            if (!underWay.Intersect(stillUnderWay).Any())
            {
                var head = await store.GetHeadAsync(cancellationToken).ConfigureAwait(false);
                if (head.Final == head.Highest)
                {
                    return head.Final;
                }
            }

            await Task.Delay(5, cancellationToken).ConfigureAwait(false);
        }

        return null;
    }
}
