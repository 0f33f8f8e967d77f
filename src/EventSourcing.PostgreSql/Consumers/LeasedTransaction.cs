namespace EventSourcing.PostgreSql;

/// <summary>A transaction under a lease: it begins by locking the consumer's row where the epoch is still the lease's, so that
/// nobody else writes for the consumer before it ends.</summary>
internal sealed class LeasedTransaction(PostgreSqlEventStore store, ConsumerLease lease)
{
    // A process that is stopped in the middle of a page keeps its successor waiting no longer than this.
    private const string IdleBound = "10000";

    private readonly ConsumerSql sql = new(store.SchemaName);

    /// <summary>Runs work in a transaction, and commits it.</summary>
    /// <param name="tables">The name of the schema in which the work finds its tables first; null for none.</param>
    /// <param name="isSetUp">Whether the schema is made where it is missing, with every other process kept out.</param>
    /// <param name="work">The work; told where the consumer stands.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="LeaseLostException">Somebody else has the right by now; nothing is kept.</exception>
    public async Task RunAsync(
        string? tables, bool isSetUp, Func<ProjectionTransaction, LogPosition, Task> work, CancellationToken cancellationToken)
    {
        try
        {
            await StoreTransaction.RunAsync(
                store,
                async page =>
                {
                    await work(page, await BeginAsync(page, tables, isSetUp).ConfigureAwait(false)).ConfigureAwait(false);
                    return true;
                },
                isKept: null,
                cancellationToken).ConfigureAwait(false);
        }
        catch (EventHandlingException handling) when (handling.InnerException is { } inner && PostgreSqlErrors.IsTransient(inner))
        {
            // Not the event's fault: the runner waits for the server instead of counting an attempt.
            throw new EventStoreUnavailableException(inner.Message, handling);
        }
    }

    /// <summary>Moves the consumer to the end of a page, and keeps what is parked.</summary>
    public async Task MoveAsync(ProjectionTransaction transaction, EventPage page)
    {
        var isMoved = await store.Session.RunAsync(
            transaction.Connection,
            transaction.Transaction,
            sql.MovePage,
            parameters =>
            {
                LeasedPage.BindLease(parameters, lease);
                LeasedPage.BindPage(parameters, page);
            },
            async row => await row.ReadAsync(transaction.CancellationToken).ConfigureAwait(false) && row.GetInt64(0) == 1,
            transaction.CancellationToken).ConfigureAwait(false);
        if (!isMoved)
        {
            throw new LeaseLostException(lease.Key);
        }
    }

    private async Task<LogPosition> BeginAsync(ProjectionTransaction transaction, string? tables, bool isSetUp)
    {
        // What is derived from the log is lost with its position when the server crashes, and comes again: its commits need not wait for the disk.
        var settings = tables is null
            ? $"set local idle_in_transaction_session_timeout = {IdleBound}"
            : $"""
              set local synchronous_commit = off; set local idle_in_transaction_session_timeout = {IdleBound};
              select set_config('search_path', '{ReadModelSchema.Quoted(tables)}, ' || current_setting('search_path'), true)
              """;
        await transaction.ExecuteAsync(settings).ConfigureAwait(false);
        if (isSetUp && tables is not null)
        {
            // `if not exists` is not safe against itself. After the bound above: one that is stopped while it holds this lock keeps all others from beginning.
            await transaction.ExecuteAsync("select pg_advisory_xact_lock(@SetUpLock)", new { sql.SetUpLock }).ConfigureAwait(false);

            await CreateAsync(transaction, tables).ConfigureAwait(false);

            // A read model is replaced as a whole, and dropped.
            const string IsStore = "select to_regclass(quote_ident(@tables) || '.streams') is not null and to_regclass(quote_ident(@tables) || '.consumers') is not null";
            if ((await transaction.QueryAsync<bool>(IsStore, new { tables }).ConfigureAwait(false))[0])
            {
                throw new InvalidOperationException(
                    $"The schema {tables} holds an event store, and cannot be the read model of '{lease.Key.Consumer}': give the projection another name.");
            }
        }

        var found = await transaction
            .QueryAsync<long>(sql.LockPage, new { Name = lease.Key.Consumer, lease.Key.Generation, Shard = (short)lease.Key.Shard.Index, lease.Epoch })
            .ConfigureAwait(false);
        return found.Count == 1 ? new LogPosition(found[0]) : throw new LeaseLostException(lease.Key);
    }

    private async Task CreateAsync(ProjectionTransaction transaction, string tables)
    {
        // Asked for first: whoever finds it there needs no right to create it.
        if (!(await transaction.QueryAsync<bool>(sql.HasReadModel, new { tables }).ConfigureAwait(false))[0])
        {
            await transaction.ExecuteAsync(sql.CreateReadModel, new { tables }).ConfigureAwait(false);
        }

        // Tables that one login of the application makes are to be replaced by another.
        await transaction.ExecuteAsync(sql.ActAsApplication, new { tables }).ConfigureAwait(false);
    }
}
