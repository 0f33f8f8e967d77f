namespace EventSourcing.PostgreSql;

/// <summary>
/// Stores batches two at a time, each by a backend of its own, and commits them in their order. Meanwhile the next one is gathered.
/// </summary>
internal sealed class ImportPipeline(ServerSession session, SchemaName schema)
{
    /// <summary>Stores all batches; returns when the last one is stored.</summary>
    /// <param name="batches">The batches, in their order.</param>
    /// <param name="write">Stores a batch, or finds it stored by an earlier attempt.</param>
    /// <param name="stored">Told of each batch that is stored, in order.</param>
    /// <param name="cancellationToken">Gives up; what was told of stays.</param>
    public async Task RunAsync<TBatch, TWritten>(
        IAsyncEnumerable<TBatch> batches, Func<TBatch, ImportTurn, Task<TWritten>> write, Action<TBatch, TWritten> stored, CancellationToken cancellationToken)
    {
        var (beforeLast, last) = (ImportTurn.First, ImportTurn.First);
        try
        {
            await foreach (var batch in batches.WithCancellation(cancellationToken).ConfigureAwait(false))
            {
                await last.NextMayBegin.ConfigureAwait(false);
                await beforeLast.Ended.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (last.Ended.IsFaulted || last.Ended.IsCanceled)
                {
                    break;
                }

                var turn = new ImportTurn(last);
                turn.Begin(async () => stored(batch, await RepeatedAsync(() => write(batch, turn), turn, cancellationToken).ConfigureAwait(false)));
                (beforeLast, last) = (last, turn);
            }
        }
        finally
        {
            // Whatever ended the input: what was begun is not left behind.
            await last.Ended.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await last.Ended.ConfigureAwait(false);
    }

    /// <summary>A batch may be run again whenever it failed: it finds what it has stored before.</summary>
    private async Task<TWritten> RepeatedAsync<TWritten>(Func<Task<TWritten>> write, ImportTurn turn, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            turn.BeginAttempt();
            try
            {
                var written = await write().ConfigureAwait(false);

                // What the batch before has told comes first, also where there was nothing to commit here.
                await turn.BeforeHasEndedAsync().ConfigureAwait(false);
                turn.Committed();
                return written;
            }
            catch (Exception failure)
            {
                // Its locks are given back by now, so that the batch before can go on, which this one then waits for.
                turn.Failed();
                await turn.BeforeHasEndedAsync().ConfigureAwait(false);

                // Or it needs what that one was about to commit: streams that it makes cannot be seen before.
                if (failure is ImportTurn.BeforeHasFailedException || (failure is ConcurrencyConflictException && !turn.IsAlone))
                {
                    continue;
                }

                if (attempt >= session.MaxAttempts || !PostgreSqlErrors.IsTransient(failure))
                {
                    if (PostgreSqlErrors.Translate(failure, schema) is { } translated)
                    {
                        throw translated;
                    }

                    throw;
                }

                await session.PauseAsync(failure, attempt, cancellationToken).ConfigureAwait(false);
            }
        }
    }
}
