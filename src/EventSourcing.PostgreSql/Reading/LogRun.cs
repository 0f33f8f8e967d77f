using System.Data;
using Npgsql;

namespace EventSourcing.PostgreSql;

/// <summary>
/// Several pages of the log in one statement. Its rows wait in the network's buffers until their page is asked for, so that the
/// server goes on while somebody works on the page before, and nothing is taken from there in small pieces.
/// </summary>
/// <remarks>
/// It holds a connection, which perhaps the very work on a page is waiting for. So a run that is not asked for its next page for
/// some time gives it back, and is over.
/// </remarks>
internal sealed class LogRun : IAsyncDisposable
{
    public static readonly TimeSpan LongestUnwanted = TimeSpan.FromMilliseconds(50);

    // Who changes it from waiting has the connection: to read a page, or to give it back for good.
    private const int Waiting = 0;
    private const int Reading = 1;
    private const int Over = 2;

    private readonly ServerSession session;
    private readonly LogQuery query;
    private readonly NpgsqlConnection connection;
    private readonly NpgsqlCommand command;
    private readonly NpgsqlDataReader rows;
    private readonly EventRows events;
    private readonly ITimer timer;
    private long found;
    private int state;
    private Task givenBack = Task.CompletedTask;

    private LogRun(ServerSession session, LogQuery query, NpgsqlConnection connection, NpgsqlCommand command, NpgsqlDataReader rows, EventRows events, TimeProvider time)
    {
        this.session = session;
        this.query = query;
        this.connection = connection;
        this.command = command;
        this.rows = rows;
        this.events = events;
        timer = time.CreateTimer(_ => EndUnlessRead(), null, LongestUnwanted, Timeout.InfiniteTimeSpan);
    }

    public static async Task<LogRun> BeginAsync(
        ServerSession session, LogQuery query, string statement, Names names, TimeProvider time, CancellationToken cancellationToken)
    {
        var connection = await session.TakeAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var command = await session.CommandAsync(statement, query.Bind, connection, cancellationToken).ConfigureAwait(false);
            var rows = await command.ExecuteReaderAsync(CommandBehavior.Default, cancellationToken).ConfigureAwait(false);
            return new LogRun(session, query, connection, command, rows, new EventRows(names), time);
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>The next page; null where the run is over.</summary>
    public async Task<LogPage?> NextAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.CompareExchange(ref state, Reading, Waiting) != Waiting)
        {
            return null;
        }

        timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        try
        {
            var page = new List<RecordedEvent>();
            while (page.Count < query.PageSize)
            {
                // The driver does not look at the token while it has rows in its buffer.
                cancellationToken.ThrowIfCancellationRequested();
                if (!await rows.ReadAsync(cancellationToken).ConfigureAwait(false))
                {
                    await EndAsync(isGood: true).ConfigureAwait(false);
                    return found == query.MostEvents ? null : query.Page(page, isWhole: true, isFresh: false);
                }

                page.Add(events.Read(rows));
                found++;
            }

            Volatile.Write(ref state, Waiting);
            timer.Change(LongestUnwanted, Timeout.InfiniteTimeSpan);
            return query.Page(page, isWhole: false, isFresh: false);
        }
        catch
        {
            await EndAsync(isGood: false).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }
    }

    /// <summary>Gives the connection back, where that has not been done.</summary>
    public async ValueTask DisposeAsync()
    {
        EndUnlessRead();
        await timer.DisposeAsync().ConfigureAwait(false);
        await givenBack.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private void EndUnlessRead()
    {
        if (Interlocked.CompareExchange(ref state, Over, Waiting) == Waiting)
        {
            givenBack = EndAsync(isGood: true);
        }
    }

    private async Task EndAsync(bool isGood)
    {
        Volatile.Write(ref state, Over);
        try
        {
            // Reads what is still on its way, which is why a run is not longer than some megabytes.
            await rows.DisposeAsync().ConfigureAwait(false);
            await command.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception)
        {
            isGood = false;
        }

        events.Dispose();
        if (isGood)
        {
            await session.PutBackAsync(connection).ConfigureAwait(false);
        }
        else
        {
            await connection.DisposeAsync().ConfigureAwait(false);
        }
    }
}
