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

    private readonly LogQuery query;
    private readonly OpenRows rows;
    private readonly EventRows events;
    private readonly ITimer timer;
    private long found;
    private int state;
    private Task givenBack = Task.CompletedTask;

    /// <summary>Goes on with a statement that has begun.</summary>
    /// <param name="query">What it reads.</param>
    /// <param name="rows">What the server answers; from here on the run's to close.</param>
    /// <param name="names">Names that were read before.</param>
    /// <param name="time">The clock for how long it is not asked.</param>
    public LogRun(LogQuery query, OpenRows rows, Names names, TimeProvider time)
    {
        this.query = query;
        this.rows = rows;
        events = new EventRows(names);
        timer = time.CreateTimer(_ => EndUnlessRead(), null, LongestUnwanted, Timeout.InfiniteTimeSpan);
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
                if (!await rows.Reader.ReadAsync(cancellationToken).ConfigureAwait(false))
                {
                    await EndAsync(isGood: true).ConfigureAwait(false);
                    return found == query.MostEvents ? null : query.Page(page, isWhole: true, isFresh: false);
                }

                page.Add(events.Read(rows.Reader));
                found++;
            }

            Volatile.Write(ref state, Waiting);
            timer.Change(LongestUnwanted, Timeout.InfiniteTimeSpan);
            return query.Page(page, isWhole: false, isFresh: false);
        }
        catch
        {
            await EndAsync(isGood: false).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Gives the connection back, where that has not been done.</summary>
    public async ValueTask DisposeAsync()
    {
        EndUnlessRead();
        await timer.DisposeAsync().ConfigureAwait(false);
        await givenBack.ConfigureAwait(false);
    }

    private void EndUnlessRead()
    {
        if (Interlocked.CompareExchange(ref state, Over, Waiting) == Waiting)
        {
            givenBack = EndAsync(isGood: true);
        }
    }

    /// <summary>Never fails. What is still on its way is read first, which is why a run is not longer than some megabytes.</summary>
    private async Task EndAsync(bool isGood)
    {
        Volatile.Write(ref state, Over);
        await rows.CloseAsync(isGood).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        events.Dispose();
    }
}
