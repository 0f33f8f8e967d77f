using System.Diagnostics;
using System.Runtime.ExceptionServices;
using EventSourcing.PostgreSql;
using Npgsql;

namespace EventSourcing.Torture;

/// <summary>Appends, and writes down before what it asks, and after what it was told.</summary>
internal sealed class RecordingAppender(PostgreSqlEventStore store, NpgsqlDataSource dataSource, HistoryFile history)
{
    public PostgreSqlEventStore Store => store;

    /// <summary>Appends once; never throws.</summary>
    public Task<AppendEnded> AppendAsync(AppendRequest request, Guid append, int attempt = 1, CancellationToken cancellationToken = default) =>
        RecordAsync(request, append, attempt, async told => told(await store.AppendAsync(request, cancellationToken), AppendOutcome.Stored));

    /// <summary>Appends once; throws what the store does.</summary>
    public async Task<AppendResult> AppendOrThrowAsync(AppendRequest request, CancellationToken cancellationToken)
    {
        AppendResult? stored = null;
        Exception? failure = null;
        await RecordAsync(request, Guid.NewGuid(), attempt: 1, async told =>
        {
            try
            {
                stored = await store.AppendAsync(request, cancellationToken);
            }
            catch (Exception thrown)
            {
                failure = thrown;
                throw;
            }

            told(stored, AppendOutcome.Stored);
        });
        if (failure is not null)
        {
            ExceptionDispatchInfo.Throw(failure);
        }

        return stored!;
    }

    /// <summary>Appends in a transaction of the caller's, which takes its time, and is rolled back if that is wanted.</summary>
    public Task<AppendEnded> AppendInTransactionAsync(AppendRequest request, Guid append, TimeSpan pause, bool isRolledBack)
    {
        // What the driver says of a transaction that is the caller's own is the caller's to see.
        var isOfTheDriver = true;
        return RecordAsync(request, append, attempt: 1, async told =>
        {
            await using var connection = await dataSource.OpenConnectionAsync();

            // As documented: a commit that was told to wait no longer for its standby says so beside its answer.
            var isReplicated = true;
            connection.Notice += (_, heard) => isReplicated &= heard.Notice.Routine != "SyncRepWaitForLSN";
            await using var transaction = await connection.BeginTransactionAsync();

            // As a caller who has something of his own to write: from here on a connection to the server is his.
            await using (var own = new NpgsqlCommand("select 1", connection, transaction))
            {
                await own.ExecuteNonQueryAsync();
            }

            isOfTheDriver = false;
            var result = await store.AppendAsync(request, transaction);
            isOfTheDriver = true;
            await Task.Delay(pause);
            if (isRolledBack)
            {
                told(result, AppendOutcome.NotStored);
                await transaction.RollbackAsync();
                return;
            }

            // From here on an error leaves it open.
            told(null, AppendOutcome.Unknown);
            await transaction.CommitAsync();
            told(result, isReplicated ? AppendOutcome.Stored : AppendOutcome.Unknown);
        }, failure => failure is NpgsqlException || isOfTheDriver);
    }

    /// <summary>Writes down what is asked, what a piece of work tells of it, and how it ends; never throws.</summary>
    public async Task<AppendEnded> RecordAsync(
        AppendRequest request, Guid append, int attempt, Func<Action<AppendResult?, AppendOutcome>, Task> run, Func<Exception, bool>? isExpected = null)
    {
        history.Write(AppendBegun.Of(request, append, attempt, Stopwatch.GetTimestamp()));
        var ended = new AppendEnded(append, attempt, 0, AppendOutcome.NotStored);
        try
        {
            await run((result, outcome) => ended = ended with
            {
                Outcome = outcome,
                CommitsAt = outcome == AppendOutcome.Unknown ? Stopwatch.GetTimestamp() : ended.CommitsAt,
                Versions = result is null ? [] : [.. result.Streams.Select(stream => stream.Version.Value)],
                Position = result?.Position.Value ?? 0,
                AlreadyStored = result?.AlreadyStored ?? false,
            });
        }
        catch (ConcurrencyConflictException conflict)
        {
            ended = ended with
            {
                Outcome = AppendOutcome.Conflict,
                Actual = conflict.Conflicts.ToDictionary(one => one.Stream.Value, one => one.Actual.Value),
                Unseen = conflict.Unseen?.Value,
                Error = conflict.Message,
            };
        }
        catch (Exception failure)
        {
            var isUnknown = ended.Outcome == AppendOutcome.Unknown || failure is AppendOutcomeUnknownException or OperationCanceledException;

            var isDocumented = failure is AppendOutcomeUnknownException or EventStoreUnavailableException or OperationCanceledException
                || isExpected?.Invoke(failure) == true;
            ended = ended with
            {
                Outcome = isUnknown || !isDocumented ? AppendOutcome.Unknown : AppendOutcome.NotStored,
                IsDocumented = isDocumented,
                Error = isDocumented ? $"{failure.GetType().Name}: {failure.Message}" : failure.ToString(),
            };
        }

        ended = ended with { At = Stopwatch.GetTimestamp() };
        history.Write(ended);
        return ended;
    }
}
