namespace EventSourcing.PostgreSql;

/// <summary>
/// The one follower of the log in a store. While somebody waits at the end of the log, it looks for what is new, reads it
/// from the database once, and wakes everyone; they then find it in memory. While nobody waits it does nothing.
/// </summary>
/// <remarks>
/// It looks when the store itself has appended, when another process says that it has, and from time to time. Looking is
/// shared, too: everyone who asks how far the log is final before a look begins gets its answer.
/// </remarks>
internal sealed class LogTail : IAsyncDisposable
{
    private static readonly TimeSpan ShortestPoll = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan LongestPollAtHole = TimeSpan.FromMilliseconds(20);

    /// <summary>How long what has been read, and the connection that listens, are kept after the last one has ceased to wait.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly LogFinality finality;
    private readonly EventReader reader;
    private readonly AppendSignal appended;
    private readonly Func<AppendListener?> listen;
    private readonly RecentEvents recent;
    private readonly TimeSpan pollingInterval;
    private readonly TimeProvider time;
    private readonly SharedRun<(LogHead Head, CheckpointAheadOfLogException? Replaced)> look;
    private readonly AppendSignal arrived = new();
    private readonly AppendSignal moved = new();
    private readonly CancellationTokenSource disposing = new();
    private readonly Lock gate = new();
    private readonly TailEnd known = new();
    private Task following = Task.CompletedTask;
    private int waiting;
    private bool isFollowed;
    private bool isDisposed;

    /// <summary>Makes a tail, which begins to work when somebody waits.</summary>
    /// <param name="finality">Knows how far the log is final; the tail alone asks it.</param>
    /// <param name="reader">Reads what is new.</param>
    /// <param name="appended">Says that there may be something new.</param>
    /// <param name="listen">Begins to listen to other processes; null where that is not wanted.</param>
    /// <param name="recent">Where to keep what has been read.</param>
    /// <param name="pollingInterval">The longest to go without looking.</param>
    /// <param name="time">The clock for pauses.</param>
    public LogTail(
        LogFinality finality,
        EventReader reader,
        AppendSignal appended,
        Func<AppendListener?> listen,
        RecentEvents recent,
        TimeSpan pollingInterval,
        TimeProvider time)
    {
        this.finality = finality;
        this.reader = reader;
        this.appended = appended;
        this.listen = listen;
        this.recent = recent;
        this.pollingInterval = pollingInterval;
        this.time = time;
        look = new(LookAsync);
    }

    /// <summary>Where the log ends now: the answer of a look that begins after the call.</summary>
    public async Task<LogHead> GetHeadAsync(CancellationToken cancellationToken) => (await NextLookAsync(cancellationToken).ConfigureAwait(false)).Head;

    private async Task<(LogHead Head, CheckpointAheadOfLogException? Replaced)> NextLookAsync(CancellationToken cancellationToken)
    {
        ThrowIfDisposed();
        try
        {
            return await look.NextAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (disposing.IsCancellationRequested)
        {
            throw Disposed();
        }
    }

    /// <summary>Reads a page of the log: what was read lately from memory, the rest from the database.</summary>
    public async Task<LogPage> ReadAsync(LogReadOptions options, CancellationToken cancellationToken)
    {
        // Far behind the known bound there is a page to read without asking how far the log is final by now.
        var final = known.Final;
        var isFresh = final - options.After.Value < options.PageSize;
        if (isFresh)
        {
            var (head, replaced) = await NextLookAsync(cancellationToken).ConfigureAwait(false);
            final = replaced is null || options.After == LogPosition.Start ? head.Final.Value : throw replaced;
        }

        cancellationToken.ThrowIfCancellationRequested();
        return recent.TryRead(options, final, isFresh)
            ?? await reader.ReadLogAsync(options, final, isFresh, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Up to where the log was final when that was last looked at.</summary>
    public long Known => known.Final;

    /// <summary>Completes when the log is final beyond a position.</summary>
    /// <exception cref="CheckpointAheadOfLogException">The log is another one than it was, and ends before the position.</exception>
    public async Task WaitAsync(LogPosition after, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Enter();
        try
        {
            while (true)
            {
                // Taken before looking: a move in between then ends the wait below.
                var next = moved.Next;
                if (known.Final > after.Value)
                {
                    return;
                }

                ThrowIfDisposed();
                known.ThrowIfGone(after);
                await next.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>What was read is to be read again, where it is asked for: some of it is gone.</summary>
    public void Forget() => recent.Forget();

    /// <summary>Ends every wait with <see cref="ObjectDisposedException"/>, and completes when nothing runs any more.</summary>
    public async ValueTask DisposeAsync()
    {
        Task last;
        lock (gate)
        {
            isDisposed = true;
            last = following;
        }

        await disposing.CancelAsync().ConfigureAwait(false);
        moved.Fail(Disposed());
        await last.ConfigureAwait(false);
        await look.DrainAsync().ConfigureAwait(false);
    }

    private static ObjectDisposedException Disposed() => new(typeof(PostgreSqlEventStore).FullName);

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(Volatile.Read(ref isDisposed), typeof(PostgreSqlEventStore));

    private void Enter()
    {
        lock (gate)
        {
            ThrowIfDisposed();
            waiting++;
            if (!isFollowed)
            {
                isFollowed = true;
                following = Task.WhenAll(following, Task.Run(FollowAsync));
            }
        }

        arrived.Set();
    }

    private void Leave()
    {
        lock (gate)
        {
            waiting--;
        }
    }

    private async Task FollowAsync()
    {
        var listener = listen();
        try
        {
            var pause = ShortestPoll;
            var isSignalled = true;
            while (await IsNeededAsync().ConfigureAwait(false))
            {
                // Taken before looking: an append in between then ends the wait below.
                var append = appended.Next;
                var before = known.Final;
                try
                {
                    await NextLookAsync(disposing.Token).ConfigureAwait(false);
                }
                catch (Exception failure) when (!disposing.IsCancellationRequested)
                {
                    // Who waits decides whether to go on; before they have, there is no use in looking again.
                    moved.Fail(failure);
                    await Task.Delay(LongestPollAtHole, time, disposing.Token).ConfigureAwait(false);
                    continue;
                }

                // Who is told of appends need not look often because there was one.
                var longest = finality.IsWaiting ? Min(LongestPollAtHole, pollingInterval) : pollingInterval;
                var shortest = listener is { IsListening: true } ? longest : Min(ShortestPoll, longest);
                var isMoving = isSignalled || known.Final > before;
                pause = isMoving ? shortest : Min(pause * 2, longest);
                isSignalled = await SignalledAsync(append, pause).ConfigureAwait(false);
            }
        }
        catch (Exception) when (disposing.IsCancellationRequested)
        {
            // The way to end.
        }
        finally
        {
            if (listener is not null)
            {
                await listener.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    /// <summary>Waits until somebody waits; false where nobody has for long, and the tail has ended its work.</summary>
    private async Task<bool> IsNeededAsync()
    {
        while (true)
        {
            var arrival = arrived.Next;
            lock (gate)
            {
                if (waiting > 0)
                {
                    return true;
                }
            }

            if (!await SignalledAsync(arrival, Patience).ConfigureAwait(false))
            {
                lock (gate)
                {
                    if (waiting == 0)
                    {
                        isFollowed = false;
                        recent.Clear();
                        return false;
                    }
                }
            }
        }
    }

    private async Task<bool> SignalledAsync(Task signal, TimeSpan atMost)
    {
        try
        {
            await signal.WaitAsync(atMost, time, disposing.Token).ConfigureAwait(false);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private async Task<(LogHead Head, CheckpointAheadOfLogException? Replaced)> LookAsync()
    {
        var (head, replaced) = await finality.AdvanceAsync(disposing.Token).ConfigureAwait(false);
        if (replaced is not null)
        {
            known.Replaced(replaced.Head);
            recent.Clear();

            // Before the end is told again: nobody who waits is to go on with the events of another log.
            moved.Fail(replaced);
        }

        await FillAsync(head.Final.Value).ConfigureAwait(false);

        // Only now: who is woken is to find the events.
        if (known.Reached(head))
        {
            moved.Set();
        }

        return (head, replaced);
    }

    /// <summary>Reads what is new into memory, where the log is followed at all.</summary>
    private async Task FillAsync(long final)
    {
        if (!Volatile.Read(ref isFollowed))
        {
            return;
        }

        await recent.FillAsync(final, reader.ReadRangeAsync, disposing.Token).ConfigureAwait(false);
    }
}
