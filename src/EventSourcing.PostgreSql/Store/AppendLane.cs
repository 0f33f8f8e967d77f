using Npgsql;

namespace EventSourcing.PostgreSql;

/// <summary>
/// Appends batches one after the other on one connection, which it keeps from batch to batch: giving a connection back to
/// the pool between them costs the server a reset each time.
/// </summary>
internal sealed class AppendLane(ServerSession session, Sql sql, AppendSignal signal) : IAsyncDisposable
{
    private NpgsqlConnection? connection;

    /// <summary>By part: its result, or null where it was not stored.</summary>
    public async Task<AppendResult?[]> AppendAsync(IReadOnlyList<StreamAppend> parts)
    {
        try
        {
            connection ??= await session.OpenAsync(CancellationToken.None).ConfigureAwait(false);
            var stored = await session
                .RunAsync(
                    connection,
                    transaction: null,
                    sql.AppendBatch,
                    parameters => BatchAppend.Bind(parts, parameters),
                    reader => BatchAppend.ReadAsync(parts, reader, CancellationToken.None),
                    CancellationToken.None)
                .ConfigureAwait(false);
            signal.Set();
            return stored;
        }
        catch
        {
            // It may be broken; the next batch gets another.
            await DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (connection is not null)
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            connection = null;
        }
    }
}
