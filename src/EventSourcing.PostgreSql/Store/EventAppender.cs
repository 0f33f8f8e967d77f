using System.Runtime.ExceptionServices;
using Npgsql;

namespace EventSourcing.PostgreSql;

/// <summary>Appends in one round trip, and knows after which failures it may append again.</summary>
internal sealed class EventAppender(ServerSession session, Sql sql)
{
    public async Task<AppendResult> AppendAsync(AppendRequest request, CancellationToken cancellationToken)
    {
        // With exact expectations for all that is written, a second run finds the events of the first and answers with its result.
        var isRepeatable = request.Streams.All(part => part.Events.Count == 0 || part.Expected.IsExact);
        Exception? lost = null;
        for (var attempt = 1; ; attempt++)
        {
            var isSent = false;
            try
            {
                var connection = await session.OpenAsync(cancellationToken).ConfigureAwait(false);
                await using (connection.ConfigureAwait(false))
                {
                    var command = await session
                        .CommandAsync(sql.Append, parameters => AppendCommand.Bind(request, parameters), connection, cancellationToken)
                        .ConfigureAwait(false);
                    await using (command.ConfigureAwait(false))
                    {
                        isSent = true;
                        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
                        await using (reader.ConfigureAwait(false))
                        {
                            return await AppendCommand.ReadAsync(request, reader, cancellationToken).ConfigureAwait(false);
                        }
                    }
                }
            }
            catch (Exception failure) when (failure is not ConcurrencyConflictException)
            {
                lost = isSent && PostgreSqlErrors.IsLost(failure) ? failure : lost;
                if (lost is not null && !isRepeatable)
                {
                    throw new AppendOutcomeUnknownException(
                        "The connection was lost while events were appended without an exact expected version: they are stored, or they are not. "
                        + "Read the stream before appending them again.",
                        lost);
                }

                if (attempt < session.MaxAttempts && PostgreSqlErrors.IsTransient(failure))
                {
                    await session.PauseAsync(failure, attempt, cancellationToken).ConfigureAwait(false);
                    continue;
                }

                if (lost is not null && failure is not OperationCanceledException)
                {
                    throw new AppendOutcomeUnknownException(
                        "The connection was lost while events were appended, and later attempts failed too. Append the same events again at the same "
                        + "expected versions: they are not stored twice.",
                        lost);
                }

                Rethrow(failure);
            }
        }
    }

    /// <summary>Appends inside the caller's transaction: whether it is stored is decided by the caller's commit.</summary>
    public Task<AppendResult> AppendAsync(AppendRequest request, NpgsqlTransaction transaction, CancellationToken cancellationToken)
    {
        var connection = transaction.Connection
            ?? throw new ArgumentException("The transaction has ended.", nameof(transaction));
        return PostgreSqlErrors.TranslateAsync(sql.Schema, async () =>
        {
            var command = await session
                .CommandAsync(sql.Append, parameters => AppendCommand.Bind(request, parameters), connection, cancellationToken)
                .ConfigureAwait(false);
            await using (command.ConfigureAwait(false))
            {
                command.Transaction = transaction;
                var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
                await using (reader.ConfigureAwait(false))
                {
                    return await AppendCommand.ReadAsync(request, reader, cancellationToken).ConfigureAwait(false);
                }
            }
        });
    }

    private void Rethrow(Exception failure)
    {
        if (PostgreSqlErrors.Translate(failure, sql.Schema) is { } translated)
        {
            throw translated;
        }

        ExceptionDispatchInfo.Throw(failure);
    }
}
