namespace EventSourcing.PostgreSql;

/// <summary>A transaction that takes a dead letter away and does what it stands for, while the projection stands still.</summary>
internal sealed class RetryTransaction(PostgreSqlEventStore store, string consumer, int version)
{
    /// <summary>Runs work in a transaction that removes the letter.</summary>
    /// <returns>False where the letter is gone, and nothing was done.</returns>
    public Task<bool> RunAsync(LogPosition position, Func<ProjectionTransaction, Task> work, CancellationToken cancellationToken) => StoreTransaction.RunAsync(
        store,
        async page =>
        {
            // Rows before letters, as every page does: nobody waits in a circle.
            var serving = await page
                .QueryAsync<int>(new ConsumerSql(store.SchemaName).LockServing, new { Name = consumer, Version = version })
                .ConfigureAwait(false);
            if (serving.Count == 0)
            {
                throw new InvalidOperationException($"Version {version} of '{consumer}' does not serve: its handlers do not fit the read model.");
            }

            // What is being built beside has a letter of its own, and has not shown the event by this.
            var removed = await page
                .ExecuteAsync(
                    $"delete from {store.SchemaName.Quoted}.dead_letters where consumer = @consumer and position = @position and generation = any (@serving)",
                    new { consumer, position = position.Value, serving = serving.Distinct().ToArray() })
                .ConfigureAwait(false);
            if (removed == 0)
            {
                return false;
            }

            await work(page).ConfigureAwait(false);
            return true;
        },
        isKept: static isDone => isDone,
        cancellationToken);
}
