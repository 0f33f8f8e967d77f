using Dapper;
using Npgsql;

namespace EventSourcing.PostgreSql;

/// <summary>
/// A projection whose read model is in the store's database: each page of events is one transaction, which holds what
/// the handlers write and the checkpoint. Whatever crashes, each event is applied exactly once.
/// </summary>
public abstract class PostgreSqlProjection : IProjection
{
    private readonly EventHandlers<ProjectionTransaction> handlers = new();
    private readonly PostgreSqlEventStore store;
    private bool isSetUp;

    /// <summary>Names the projection; the constructor of the derived class then declares handlers with <see cref="On"/>.</summary>
    /// <param name="name">A unique name, at most 200 characters: the key of the checkpoint.</param>
    /// <param name="store">The store, whose database holds the read model too.</param>
    protected PostgreSqlProjection(string name, PostgreSqlEventStore store)
    {
        CheckpointName.ThrowIfInvalid(name);
        ArgumentNullException.ThrowIfNull(store);
        Name = name;
        this.store = store;
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public IReadOnlyCollection<Type> EventTypes => handlers.EventTypes;

    /// <inheritdoc/>
    public virtual IReadOnlyCollection<string> Categories => [];

    private string Checkpoints => $"{store.SchemaName.Quoted}.checkpoints";

    /// <inheritdoc/>
    public Task<Checkpoint> LoadCheckpointAsync(CancellationToken cancellationToken) => InTransactionAsync(
        async transaction =>
        {
            if (!isSetUp)
            {
                // One process at a time: `create table if not exists` is not safe against itself.
                await transaction
                    .ExecuteAsync(
                        $"insert into {Checkpoints} (name, checkpoint) values (@Name, @Start) on conflict do nothing",
                        new { Name, Start = Checkpoint.Start.ToString() })
                    .ConfigureAwait(false);
                await LockCheckpointAsync(transaction).ConfigureAwait(false);
                await SetUpAsync(transaction).ConfigureAwait(false);
            }

            return await LockCheckpointAsync(transaction).ConfigureAwait(false);
        },
        onCommit: () => isSetUp = true,
        cancellationToken);

    /// <inheritdoc/>
    public Task ApplyAsync(ProjectionPage page, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(page);
        return InTransactionAsync(
            async transaction =>
            {
                // The row's lock keeps out every other process until this page is committed or given up.
                if (await LockCheckpointAsync(transaction).ConfigureAwait(false) is var actual && actual != page.From)
                {
                    throw new EventStoreUnavailableException(
                        $"Projection '{Name}' stands at checkpoint '{actual}' and not at '{page.From}': another process runs it too.");
                }

                await BeginPageAsync(transaction).ConfigureAwait(false);
                foreach (var envelope in page.Events)
                {
                    await handlers.HandleAsync(envelope, transaction).ConfigureAwait(false);
                }

                await CompletePageAsync(transaction).ConfigureAwait(false);
                return await transaction
                    .ExecuteAsync(
                        $"update {Checkpoints} set checkpoint = @To, updated_at = clock_timestamp() where name = @Name",
                        new { Name, To = page.To.ToString() })
                    .ConfigureAwait(false);
            },
            onCommit: () => { },
            cancellationToken);
    }

    /// <summary>Declares the handler of an event class.</summary>
    /// <typeparam name="TEvent">The event's class, or a base or interface of several.</typeparam>
    /// <param name="handle">Writes the read model through the page's transaction.</param>
    /// <exception cref="InvalidOperationException">The class has a handler already.</exception>
    protected void On<TEvent>(Func<TEvent, EventEnvelope, ProjectionTransaction, Task> handle)
        where TEvent : notnull => handlers.On(handle);

    /// <summary>Makes the read model's tables where they are missing; once in each process, before the first page.</summary>
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

    private async Task<Checkpoint> LockCheckpointAsync(ProjectionTransaction transaction)
    {
        var rows = await transaction
            .QueryAsync<string>($"select checkpoint from {Checkpoints} where name = @Name for update", new { Name })
            .ConfigureAwait(false);
        return rows.Count == 1
            ? Checkpoint.Parse(rows[0])
            : throw new InvalidOperationException($"The checkpoint of projection '{Name}' has been deleted while it runs.");
    }

    private Task<T> InTransactionAsync<T>(
        Func<ProjectionTransaction, Task<T>> work, Action onCommit, CancellationToken cancellationToken) =>
        PostgreSqlErrors.TranslateAsync(store.SchemaName, async () =>
        {
            try
            {
                var connection = await store.DataSource.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
                await using (connection.ConfigureAwait(false))
                {
                    var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
                    await using (transaction.ConfigureAwait(false))
                    {
                        var result = await work(new ProjectionTransaction(connection, transaction, cancellationToken)).ConfigureAwait(false);
                        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
                        onCommit();
                        return result;
                    }
                }
            }
            catch (EventHandlingException handling) when (handling.InnerException is { } inner && PostgreSqlErrors.IsTransient(inner))
            {
                // Not the event's fault: the runner waits for the server instead of counting an attempt.
                throw new EventStoreUnavailableException(inner.Message, handling);
            }
        });
}
