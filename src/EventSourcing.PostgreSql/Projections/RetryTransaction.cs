namespace EventSourcing.PostgreSql;

/// <summary>A transaction that takes a dead letter away and does what it stands for, while the projection stands still.</summary>
internal sealed class RetryTransaction(PostgreSqlEventStore store, string consumer)
{
    /// <summary>Runs work in a transaction that removes the letter.</summary>
    /// <returns>False where the letter is gone, and nothing was done.</returns>
    public Task<bool> RunAsync(LogPosition position, Func<ProjectionTransaction, Task> work, CancellationToken cancellationToken) =>
        PostgreSqlErrors.TranslateAsync(store.SchemaName, async () =>
        {
            var connection = await store.DataSource.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
            await using (connection.ConfigureAwait(false))
            {
                var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
                await using (transaction.ConfigureAwait(false))
                {
                    var page = new ProjectionTransaction(connection, transaction, cancellationToken);

                    // Rows before letters, as every page does: nobody waits in a circle.
                    await page.QueryAsync<long>(new ConsumerSql(store.SchemaName).LockServing, new { Name = consumer }).ConfigureAwait(false);
                    var removed = await page
                        .ExecuteAsync(
                            $"delete from {store.SchemaName.Quoted}.dead_letters where consumer = @consumer and position = @position",
                            new { consumer, position = position.Value })
                        .ConfigureAwait(false);
                    if (removed == 0)
                    {
                        return false;
                    }

                    await work(page).ConfigureAwait(false);
                    await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
                    return true;
                }
            }
        });
}
