using Npgsql;

namespace EventSourcing.PostgreSql;

/// <summary>
/// Appends batches one after the other on one connection, which it keeps from batch to batch: giving a connection back to
/// the pool between them costs the server a reset each time.
/// </summary>
internal sealed class AppendLane(ServerSession session, Sql sql, Action appended) : IAsyncDisposable
{
    private NpgsqlConnection? connection;

    /// <summary>Whether the last batch has been sent, so that after a failure it may be stored. Not where no connection was to be had.</summary>
    public bool HasSent { get; private set; }

    /// <summary>By append: its result, or null where it was not stored. A batch that met a deadlock is run again as it was.</summary>
    public async Task<AppendResult?[]> AppendAsync(IReadOnlyList<WaitingAppend> appends)
    {
        HasSent = false;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await OnceAsync(appends).ConfigureAwait(false);
            }
            catch (Exception failure) when (attempt < session.MaxAttempts && PostgreSqlErrors.IsRolledBack(failure))
            {
                await session.PauseAsync(failure, attempt, CancellationToken.None).ConfigureAwait(false);
            }
            catch (Exception failure)
            {
                // The connection may be broken; the next batch gets another.
                await DropAsync(failure).ConfigureAwait(false);
                throw;
            }
        }
    }

    /// <summary>Gives the connection back. Never fails: one that cannot be given back in order is of no use to anyone.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref connection, null) is { } done)
        {
            await session.PutBackAsync(done).AsTask().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task DropAsync(Exception failure)
    {
        if (Interlocked.Exchange(ref connection, null) is { } done)
        {
            await session.DropAsync(done, failure).AsTask().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<AppendResult?[]> OnceAsync(IReadOnlyList<WaitingAppend> appends)
    {
        connection ??= await session.TakeAsync(CancellationToken.None).ConfigureAwait(false);
        var taken = connection;
        HasSent = true;
        var stored = await ReplicatedCommit
            .RunAsync(
                taken,
                () => session.RunAsync(
                    taken,
                    transaction: null,
                    sql.AppendBatch,
                    parameters => BatchAppend.Bind(appends, parameters),
                    reader => BatchAppend.ReadAsync(appends, reader, CancellationToken.None),
                    CancellationToken.None))
            .ConfigureAwait(false);
        appended();
        return stored;
    }
}
