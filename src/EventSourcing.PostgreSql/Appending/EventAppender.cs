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

    public Task<AppendResult> AppendAsync(AppendRequest request, CancellationToken cancellationToken) => GivingUp.RunAsync(
        (Appender: this, Request: request),
        static (call, token) => IsSimple(call.Request) ? call.Appender.queue.AppendAsync(call.Request, token) : call.Appender.RunAsync(call.Request, null, token),
        cancellationToken);

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

    /// <summary>What a caller is told who may be stored or not.</summary>
    /// <param name="lost">How the connection was lost.</param>
    /// <param name="isRepeatable">Whether the same append may simply be sent again.</param>
    internal static AppendOutcomeUnknownException OutcomeUnknown(Exception lost, bool isRepeatable) => new(
        isRepeatable
            ? "The connection was lost, or the standby not waited for, while events were appended, and later attempts failed too. Append the same events again at the same "
                + "expected versions: they are not stored twice."
            : "The connection was lost, or the standby not waited for, while events were appended without an exact expected version: they are stored, or they are not. "
                + "Read the stream before appending them again.",
        lost);

    /// <summary>Whether what was sent with this append may be sent again: with exact expectations for all that is written, a second run
    /// finds the events of the first and answers with its result.</summary>
    internal static bool IsRepeatable(AppendRequest request) => request.Streams.All(part => part.Events.Count == 0 || part.Expected.IsExact);

    /// <summary>Whether an attempt that is perhaps still on its way can be stored although a later one was refused: only what has been
    /// written over at an exact version is refused for good, and what an unseen event has spoiled.</summary>
    private static bool MayYetBeStored(AppendRequest request, ConcurrencyConflictException refused) => refused.Unseen is null && !refused.Conflicts.Any(conflict =>
        conflict.Expected.IsExact && conflict.Actual > conflict.Expected.Version
        && request.Streams.Any(part => part.Stream == conflict.Stream && part.Events.Count > 0));

    private static bool IsSimple(AppendRequest request) => request.Streams.Count == 1 && request.EventCount > 0;

    private static bool IsShort(AppendRequest request) => IsSimple(request) && request.Condition is null;

    /// <summary>One append by itself, again after a failure where that is safe.</summary>
    /// <param name="request">The append.</param>
    /// <param name="lost">How the connection was lost on which it was sent before; null where it was not.</param>
    /// <param name="cancellationToken">Gives up.</param>
    private async Task<AppendResult> RunAsync(AppendRequest request, Exception? lost, CancellationToken cancellationToken)
    {
        var isRepeatable = IsRepeatable(request);
        if (lost is not null && !isRepeatable)
        {
            throw OutcomeUnknown(lost, isRepeatable);
        }

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
            catch (ConcurrencyConflictException refused) when (lost is not null && MayYetBeStored(request, refused))
            {
                throw OutcomeUnknown(lost, isRepeatable);
            }
            catch (Exception failure) when (failure is not ConcurrencyConflictException)
            {
                lost = isSent && PostgreSqlErrors.IsInDoubt(failure) ? failure : lost;
                if (lost is not null && !isRepeatable)
                {
                    throw OutcomeUnknown(lost, isRepeatable);
                }

                if (attempt < session.MaxAttempts && PostgreSqlErrors.IsTransient(failure))
                {
                    await session.PauseAsync(failure, attempt, cancellationToken).ConfigureAwait(false);
                    continue;
                }

                if (lost is not null && failure is not OperationCanceledException)
                {
                    throw OutcomeUnknown(lost, isRepeatable);
                }

                Rethrow(failure);
            }
        }
    }

    /// <summary>The short function where it will do; where it stores nothing, the one that says why.</summary>
    private async Task<AppendResult> OnceAsync(AppendRequest request, NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        if (IsShort(request))
        {
            var part = request.Streams[0];
            var stored = await session
                .RunAsync(
                    connection,
                    transaction: null,
                    SingleAppend.IsShortest(part) ? sql.AppendOne : sql.AppendSeveral,
                    parameters => SingleAppend.Bind(request, parameters),
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
