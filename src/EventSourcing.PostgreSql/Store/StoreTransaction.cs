using System.Data;

namespace EventSourcing.PostgreSql;

/// <summary>Work in a transaction of its own on the store's database.</summary>
internal static class StoreTransaction
{
    /// <summary>Runs work in a READ COMMITTED transaction: each of its statements sees what was committed before it began.</summary>
    /// <param name="store">The store.</param>
    /// <param name="work">The work; what it throws rolls everything back.</param>
    /// <param name="isKept">Whether the work's result is to be committed; by default any.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="EventStoreUnavailableException">The server cannot be reached.</exception>
    public static Task<T> RunAsync<T>(
        PostgreSqlEventStore store, Func<ProjectionTransaction, Task<T>> work, Func<T, bool>? isKept, CancellationToken cancellationToken) =>
        PostgreSqlErrors.TranslateAsync(store.SchemaName, async () =>
        {
            var connection = await Connecting.OpenAsync(store.DataSource, cancellationToken).ConfigureAwait(false);
            await using (connection.ConfigureAwait(false))
            {
                var transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, cancellationToken).ConfigureAwait(false);
                await using (transaction.ConfigureAwait(false))
                {
                    var result = await work(new ProjectionTransaction(connection, transaction, cancellationToken)).ConfigureAwait(false);
                    if (isKept?.Invoke(result) != false)
                    {
                        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
                    }

                    return result;
                }
            }
        });
}
