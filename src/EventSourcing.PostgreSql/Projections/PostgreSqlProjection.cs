namespace EventSourcing.PostgreSql;

/// <summary>
/// A projection whose read model is in the store's database: each page of events is one transaction, which holds what
/// the handlers write and the checkpoint. Whatever crashes, each event is applied exactly once.
/// </summary>
/// <remarks>
/// <para>Its tables live in a schema of their own, <see cref="ReadModelSchema"/>: statements of handlers name them without a schema,
/// readers with it. So a new version is built beside the old one and replaces it at once.</para>
/// <para>Pages come one at a time, also while the read model is built anew beside the one that serves, so that a page may be gathered in
/// fields. Not where it is divided into shards or inline: one object serves all shards at the same time, and all appends.</para>
/// </remarks>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1001", Justification = "A semaphore that is only awaited holds nothing to be given back.")]
public abstract class PostgreSqlProjection : IProjection, IInlineTarget
{
    private readonly EventHandlers<ProjectionTransaction> handlers = new();
    private readonly PostgreSqlEventStore store;
    private readonly ReadModelSchema schema;

    // Of what serves and what is built beside it, both by this object: each page has the fields to itself.
    private readonly SemaphoreSlim pages = new(1, 1);

    /// <summary>Names the projection; the constructor of the derived class then declares handlers with <see cref="On"/>.</summary>
    /// <param name="name">A unique name: lower-case letters, digits, '-' and '_'. It names the schema of the read model.</param>
    /// <param name="store">The store, whose database holds the read model too.</param>
    /// <param name="version">The version of what it does with events, 1 or more; raise it with every change, and the read model is
    /// built anew beside the old one.</param>
    /// <exception cref="ArgumentException">The name cannot name a schema.</exception>
    protected PostgreSqlProjection(string name, PostgreSqlEventStore store, int version = 1)
    {
        CheckpointName.ThrowIfInvalid(name);
        ArgumentNullException.ThrowIfNull(store);
        ArgumentOutOfRangeException.ThrowIfLessThan(version, 1);
        Name = name;
        Version = version;
        this.store = store;
        schema = new ReadModelSchema(store.SchemaName, name);
        DeclareHandlers();
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public int Version { get; }

    /// <summary>The schema in which readers find the tables: the store's schema, '_', and the projection's name with '_' for '-'.</summary>
    public string ReadModelSchema => schema.Name;

    /// <inheritdoc/>
    public IReadOnlyCollection<Type> EventTypes => handlers.EventTypes;

    /// <inheritdoc/>
    public virtual IReadOnlyCollection<string> Categories => [];

    /// <summary>Into how many shards it is divided by stream, to be caught up in parallel; 1 by default. Only where handlers of events
    /// of different streams do not touch the same rows. A change takes effect when the read model is built anew.</summary>
    public virtual int Shards => 1;

    /// <inheritdoc/>
    public async Task<LogPosition> LoadPositionAsync(ConsumerLease lease, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(lease);
        var position = LogPosition.Start;
        await new LeasedTransaction(store, lease).RunAsync(
            TablesOf(lease),
            isSetUp: true,
            async (transaction, at) =>
            {
                position = at;
                await SetUpAsync(transaction).ConfigureAwait(false);
            },
            cancellationToken).ConfigureAwait(false);
        return position;
    }

    /// <inheritdoc/>
    public async Task ApplyAsync(ConsumerLease lease, EventPage page, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(lease);
        ArgumentNullException.ThrowIfNull(page);
        var leased = new LeasedTransaction(store, lease);
        await AloneAsync(() => leased.RunAsync(
            TablesOf(lease),
            isSetUp: false,
            async (transaction, at) =>
            {
                if (at != page.From)
                {
                    throw new LeaseLostException(lease.Key);
                }

                await BeginPageAsync(transaction).ConfigureAwait(false);
                foreach (var envelope in page.Events)
                {
                    await handlers.HandleAsync(envelope, transaction).ConfigureAwait(false);
                }

                await CompletePageAsync(transaction).ConfigureAwait(false);
                await leased.MoveAsync(transaction, page).ConfigureAwait(false);
            },
            cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<bool> RetryAsync(DeadLetter letter, IReadOnlyList<EventEnvelope> events, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(letter);
        ArgumentNullException.ThrowIfNull(events);
        var isApplied = false;
        await AloneAsync(
            async () => isApplied = await new RetryTransaction(store, Name, Version).RunAsync(
                letter.Position,
                transaction => ((IInlineTarget)this).ApplyAsync(transaction, PostgreSql.ReadModelSchema.Quoted(schema.Name), events),
                cancellationToken).ConfigureAwait(false),
            cancellationToken).ConfigureAwait(false);
        return isApplied;
    }

    /// <summary>Declares handlers; called by the constructor. Does nothing by itself: for a partial class with methods named
    /// <c>On</c> the generator that comes with EventSourcing.Core overrides it.</summary>
    protected virtual void DeclareHandlers()
    {
    }

    /// <summary>Declares the handler of an event class.</summary>
    /// <typeparam name="TEvent">The event's class, or a base or interface of several.</typeparam>
    /// <param name="handle">Writes the read model through the page's transaction.</param>
    /// <exception cref="InvalidOperationException">The class has a handler already.</exception>
    protected void On<TEvent>(Func<TEvent, EventEnvelope, ProjectionTransaction, Task> handle)
        where TEvent : notnull => handlers.On(handle);

    /// <summary>Makes the read model's tables where they are missing, whenever a process begins to run it. Tables that are named
    /// without a schema are in the read model's own, in this method and in handlers.</summary>
    /// <param name="transaction">A transaction that no other process is in at the same time.</param>
    protected virtual Task SetUpAsync(ProjectionTransaction transaction) => Task.CompletedTask;

    /// <summary>
    /// Runs before the first event of a page; also when the page comes again after a failure, so a projection that
    /// gathers changes in memory begins anew here.
    /// </summary>
    /// <param name="transaction">The page's transaction.</param>
    protected virtual Task BeginPageAsync(ProjectionTransaction transaction) => Task.CompletedTask;

    /// <summary>Runs after the last event of a page, for a projection that gathers changes and writes them in one statement.</summary>
    /// <param name="transaction">The page's transaction.</param>
    protected virtual Task CompletePageAsync(ProjectionTransaction transaction) => Task.CompletedTask;

    /// <inheritdoc/>
    async Task IInlineTarget.ApplyAsync(ProjectionTransaction transaction, string tables, IReadOnlyList<EventEnvelope> events)
    {
        // The transaction may be the caller's, who finds its own tables again afterwards.
        var path = (await transaction.QueryAsync<string>("select current_setting('search_path')").ConfigureAwait(false))[0];
        await SetPathAsync($"{tables}, {path}").ConfigureAwait(false);
        await BeginPageAsync(transaction).ConfigureAwait(false);
        foreach (var envelope in events)
        {
            await handlers.HandleAsync(envelope, transaction).ConfigureAwait(false);
        }

        await CompletePageAsync(transaction).ConfigureAwait(false);
        await SetPathAsync(path).ConfigureAwait(false);

        Task<int> SetPathAsync(string to) => transaction.ExecuteAsync("select set_config('search_path', @to, true)", new { to });
    }

    /// <summary>Runs a page while no other is, where there may be fields: shards run beside each other.</summary>
    private async Task AloneAsync(Func<Task> page, CancellationToken cancellationToken)
    {
        if (Shards > 1)
        {
            await page().ConfigureAwait(false);
            return;
        }

        await pages.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await page().ConfigureAwait(false);
        }
        finally
        {
            pages.Release();
        }
    }

    private string TablesOf(ConsumerLease lease) => schema.Of(lease.Key.Generation, lease.Role);
}
