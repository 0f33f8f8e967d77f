using System.Runtime.ExceptionServices;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace EventSourcing.PostgreSql;

/// <summary>Appends in one round trip, together with others where that is cheaper, and knows what may be run again.</summary>
internal sealed class EventAppender : IAsyncDisposable
{
    private readonly ServerSession session;
    private readonly Sql sql;
    private readonly Action appended;
    private readonly AppendQueue queue;

    public EventAppender(ServerSession session, Sql sql, Action appended, TimeProvider time, ILogger logger)
    {
        this.session = session;
        this.sql = sql;
        this.appended = appended;
        queue = new AppendQueue(RunAsync, () => new AppendLane(session, sql, appended), time, new AppendMetrics(sql.Schema), logger);
    }

    public Task<AppendResult> AppendAsync(AppendRequest request, CancellationToken cancellationToken) =>
        IsSimple(request) ? queue.AppendAsync(request, cancellationToken) : RunAsync(request, cancellationToken);

    /// <summary>Appends inside the caller's transaction: whether it is stored is decided by the caller's commit.</summary>
    public Task<AppendResult> AppendAsync(AppendRequest request, NpgsqlTransaction transaction, CancellationToken cancellationToken)
    {
        var connection = transaction.Connection
            ?? throw new ArgumentException("The transaction has ended.", nameof(transaction));
        return PostgreSqlErrors.TranslateAsync(sql.Schema, () => session.RunAsync(
            connection,
            transaction,
            sql.Append,
            parameters => AppendCommand.Bind(request, parameters),
            reader => AppendCommand.ReadAsync(request, reader, cancellationToken),
            cancellationToken));
    }

    public ValueTask DisposeAsync() => queue.DisposeAsync();

    internal static AppendOutcomeUnknownException OutcomeUnknown(Exception lost) => new(
        "The connection was lost, or the standby not waited for, while events were appended without an exact expected version: they are stored, or they are not. "
        + "Read the stream before appending them again.",
        lost);

    internal static AppendOutcomeUnknownException StillUnknown(Exception lost) => new(
        "The connection was lost, or the standby not waited for, while events were appended, and later attempts failed too. Append the same events again at the same "
        + "expected versions: they are not stored twice.",
        lost);

    private static bool IsSimple(AppendRequest request) => request.Streams.Count == 1 && request.EventCount > 0;

    /// <summary>One append by itself, again after a failure where that is safe.</summary>
    private async Task<AppendResult> RunAsync(AppendRequest request, CancellationToken cancellationToken)
    {
        // With exact expectations for all that is written, a second run finds the events of the first and answers with its result.
        var isRepeatable = request.Streams.All(part => part.Events.Count == 0 || part.Expected.IsExact);
        Exception? lost = null;
        for (var attempt = 1; ; attempt++)
        {
            var isSent = false;
            try
            {
                var stored = await session
                    .OnConnectionAsync(
                        connection =>
                        {
                            isSent = true;
                            return ReplicatedCommit.RunAsync(connection, () => OnceAsync(request, connection, cancellationToken));
                        },
                        cancellationToken)
                    .ConfigureAwait(false);
                appended();
                return stored;
            }
            catch (Exception failure) when (failure is not ConcurrencyConflictException)
            {
                lost = isSent && PostgreSqlErrors.IsInDoubt(failure) ? failure : lost;
                if (lost is not null && !isRepeatable)
                {
                    throw OutcomeUnknown(lost);
                }

                if (attempt < session.MaxAttempts && PostgreSqlErrors.IsTransient(failure))
                {
                    await session.PauseAsync(failure, attempt, cancellationToken).ConfigureAwait(false);
                    continue;
                }

                if (lost is not null && failure is not OperationCanceledException)
                {
                    throw StillUnknown(lost);
                }

                Rethrow(failure);
            }
        }
    }

    /// <summary>The plain statement where there is one; where it stores nothing, the function that says why.</summary>
    private async Task<AppendResult> OnceAsync(AppendRequest request, NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        if (IsSimple(request))
        {
            var part = request.Streams[0];
            var stored = await session
                .RunAsync(
                    connection,
                    transaction: null,
                    sql.AppendSingle.For(part.Expected, part.Events.Count),
                    parameters => SingleAppend.Bind(part, parameters),
                    reader => SingleAppend.ReadAsync(part, reader, cancellationToken),
                    cancellationToken)
                .ConfigureAwait(false);
            if (stored is not null)
            {
                return stored;
            }
        }

        return await session
            .RunAsync(
                connection,
                transaction: null,
                sql.Append,
                parameters => AppendCommand.Bind(request, parameters),
                reader => AppendCommand.ReadAsync(request, reader, cancellationToken),
                cancellationToken)
            .ConfigureAwait(false);
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
