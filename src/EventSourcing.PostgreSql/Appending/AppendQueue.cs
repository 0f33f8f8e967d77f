using Microsoft.Extensions.Logging;

namespace EventSourcing.PostgreSql;

/// <summary>
/// Lets concurrent appends share a statement and a commit. An append that finds a free lane, and no batch under way, goes at
/// once, alone; the others wait and go together, as soon as a lane is free and, beside a batch, there are enough of them.
/// </summary>
/// <remarks>
/// Each append still succeeds or fails by itself: one that a batch did not store, or that was in a batch that failed, is
/// run again alone, where it gets its own answer. A caller who gives up leaves its neighbours alone.
/// </remarks>
internal sealed class AppendQueue(
    Func<AppendRequest, Exception?, CancellationToken, Task<AppendResult>> appendAlone,
    Func<AppendLane> openLane,
    TimeProvider time,
    AppendMetrics metrics,
    ILogger logger) : IAsyncDisposable
{
    // Two: while one waits for its commit, the other makes use of the processors. More only made the batches smaller.
    private const int Lanes = 2;

    /// <summary>So many have to wait before a second batch begins beside one that is under way: two small commits cost more than
    /// one larger one.</summary>
    private const int EnoughForAnother = 16;

    private const int MaxWaiting = 10_000;

    /// <summary>After this an append alone is taken to wait for somebody's lock, and its lane serves others meanwhile.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(100);

    private readonly Lock gate = new();
    private readonly SemaphoreSlim room = new(MaxWaiting, MaxWaiting);
    private readonly AppendBacklog waiting = new();
    private readonly TaskCompletionSource drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int busyLanes;
    private int batchesUnderWay;

    // Callers who wait, and work that goes on after its callers have given up.
    private int unfinished;
    private bool isClosed;

    public async Task<AppendResult> AppendAsync(AppendRequest request, CancellationToken cancellationToken)
    {
        Enter();
        try
        {
            if (TryTakeLane())
            {
                return await AloneInLaneAsync(request, cancellationToken).ConfigureAwait(false);
            }

            await room.WaitAsync(cancellationToken).ConfigureAwait(false);
            var append = new WaitingAppend(request);
            Enqueue(append);
            return await append.ResultAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Takes no more appends, and completes when those that were taken have ended.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (gate)
        {
            isClosed = true;
            if (unfinished == 0)
            {
                drained.TrySetResult();
            }
        }

        await drained.Task.ConfigureAwait(false);
    }

    private void Enter()
    {
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(isClosed, typeof(PostgreSqlEventStore));
            unfinished++;
        }
    }

    private void Leave()
    {
        lock (gate)
        {
            if (--unfinished == 0 && isClosed)
            {
                drained.TrySetResult();
            }
        }
    }

    private bool TryTakeLane()
    {
        lock (gate)
        {
            if (busyLanes == Lanes || waiting.Count > 0 || batchesUnderWay > 0)
            {
                return false;
            }

            busyLanes++;
            return true;
        }
    }

    private void Enqueue(WaitingAppend append)
    {
        var isLaneFree = false;
        lock (gate)
        {
            waiting.Enqueue(append);
            if (busyLanes < Lanes && (batchesUnderWay == 0 || waiting.Count >= EnoughForAnother))
            {
                busyLanes++;
                unfinished++;
                isLaneFree = true;
            }
        }

        if (isLaneFree)
        {
            _ = Task.Run(ServeAsync);
        }
    }

    private async Task<AppendResult> AloneInLaneAsync(AppendRequest request, CancellationToken cancellationToken)
    {
        metrics.Sent(1);
        var append = appendAlone(request, null, cancellationToken);
        await ((Task)append).WaitAsync(Patience, time, CancellationToken.None)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        LeaveLane();
        return await append.ConfigureAwait(false);
    }

    private void LeaveLane()
    {
        lock (gate)
        {
            if (waiting.Count == 0)
            {
                busyLanes--;
                return;
            }

            unfinished++;
        }

        // The caller goes on with its result; somebody else's task serves those that wait.
        _ = Task.Run(ServeAsync);
    }

    /// <summary>Serves who waits until nobody does, then leaves the lane.</summary>
    private async Task ServeAsync()
    {
        var lane = openLane();
        await using (lane.ConfigureAwait(false))
        {
            while (TryTakeBatch(out var batch))
            {
                if (batch.Count == 1)
                {
                    // It takes a connection of its own: let go of this one, or a small pool has none left.
                    await lane.DisposeAsync().ConfigureAwait(false);
                    metrics.Sent(1);
                    await AloneAsync(batch[0])
                        .WaitAsync(Patience, time, CancellationToken.None)
                        .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                }
                else if (batch.Count > 1)
                {
                    await TogetherAsync(lane, batch).ConfigureAwait(false);
                    lock (gate)
                    {
                        batchesUnderWay--;
                    }
                }
            }
        }

        Leave();
    }

    /// <summary>The next batch, possibly empty where all who waited have given up; leaves the lane where nobody waits.</summary>
    private bool TryTakeBatch(out List<WaitingAppend> batch)
    {
        lock (gate)
        {
            batch = waiting.TakeBatch(out var taken);
            if (taken > 0)
            {
                room.Release(taken);
            }

            if (batch.Count == 0 && waiting.Count == 0)
            {
                busyLanes--;
                return false;
            }

            batchesUnderWay += batch.Count > 1 ? 1 : 0;
            return true;
        }
    }

    private async Task TogetherAsync(AppendLane lane, List<WaitingAppend> batch)
    {
        AppendResult?[] results;
        metrics.Sent(batch.Count);
        try
        {
            results = await lane.AppendAsync(batch).ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            // Whatever it was, only one of them may be the cause; and whether the batch was stored may not be known.
            Log.BatchFailed(logger, batch.Count, failure.Message);
            foreach (var append in batch)
            {
                append.Lost = lane.HasSent && PostgreSqlErrors.IsInDoubt(failure) ? failure : null;
                _ = AgainAloneAsync(append);
            }

            return;
        }

        // Those that were not stored go alone, each on a connection of its own: let go of this one before the next batch, or
        // a small pool has none for them as long as others keep coming.
        if (Array.Exists(results, result => result is null))
        {
            await lane.DisposeAsync().ConfigureAwait(false);
        }

        for (var i = 0; i < batch.Count; i++)
        {
            if (results[i] is { } result)
            {
                batch[i].Succeed(result);
            }
            else
            {
                _ = AgainAloneAsync(batch[i]);
            }
        }

        // Those who have their answers and append again at once are to be in the next batch. Else the lane finds nobody
        // waiting, leaves, and the first of them goes alone while the others wait for it.
        for (var i = 0; i < batch.Count; i++)
        {
            if (results[i] is not null)
            {
                await batch[i].Resumed.ConfigureAwait(false);
            }
        }
    }

    private Task AgainAloneAsync(WaitingAppend append)
    {
        metrics.RanAgain();
        return AloneAsync(append);
    }

    private async Task AloneAsync(WaitingAppend append)
    {
        lock (gate)
        {
            unfinished++;
        }

        try
        {
            append.Succeed(await appendAlone(append.Request, append.Lost, CancellationToken.None).ConfigureAwait(false));
        }
        catch (Exception failure)
        {
            append.Fail(failure);
        }
        finally
        {
            Leave();
        }
    }
}
