using Npgsql;

namespace EventSourcing.PostgreSql;

/// <summary>
/// Knows up to where the log is final: no event at or below that position will appear any more.
/// </summary>
/// <remarks>
/// <para>Positions are handed out before the commit, so a later one may become visible first. Where positions follow one
/// another without a hole there is nothing to ask. At a hole: an append takes the shared append lock before its first
/// position and keeps it until its commit is visible. So, having seen position P, list the holders of that lock; when none
/// of them is left, whatever is still missing below P was rolled back and never comes.</para>
/// <para>Each step is a statement of its own with a snapshot of its own. Nobody sleeps and nobody guesses: while a
/// holder is at work the bound stays where it is, and callers ask again.</para>
/// </remarks>
/// <param name="session">Runs the statements.</param>
/// <param name="sql">The statements.</param>
/// <param name="outage">Told when the end of the log cannot be looked at, and when it can again.</param>
/// <param name="wait">Told whether the bound waits for an append.</param>
/// <param name="isExact">False in one test only, which shows what is lost without the protocol.</param>
internal sealed class LogFinality(ServerSession session, Sql sql, TailOutage outage, TailWait wait, bool isExact = true)
{
    private Hole? hole;
    private long final;
    private Guid? finalId;

    /// <summary>Whether the bound waits for an append that holds a position and has not ended.</summary>
    public bool IsWaiting => Volatile.Read(ref hole) is not null;

    /// <summary>Moves the bound as far as it goes now; one call at a time.</summary>
    /// <returns>The bound: every event that was committed before the call and has no unfinished one before it is below.
    /// And the highest position of all, which may lie above it. Where the log is not the one that was looked at before, also
    /// what whoever has followed that one is to be told.</returns>
    public async Task<(LogHead Head, CheckpointAheadOfLogException? Replaced)> AdvanceAsync(CancellationToken cancellationToken)
    {
        try
        {
            var (head, replaced) = await LookAsync(cancellationToken).ConfigureAwait(false);
            outage.Ended();
            await wait.LookedAsync(head.Final, IsWaiting, cancellationToken).ConfigureAwait(false);
            return (head, replaced);
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            outage.Began(failure);
            throw;
        }
    }

    private async Task<(LogHead Head, CheckpointAheadOfLogException? Replaced)> LookAsync(CancellationToken cancellationToken)
    {
        if (hole is { } open && !open.IsStillOpen(await HoldersAsync(cancellationToken).ConfigureAwait(false)))
        {
            Close(open);
        }

        var look = await LookAheadAsync(cancellationToken).ConfigureAwait(false);
        var replaced = Replaced(look);
        if (replaced is not null)
        {
            outage.Replaced(replaced);
            look = await LookAheadAsync(cancellationToken).ConfigureAwait(false);
        }

        finalId = look.AtFinal;
        Raise(isExact ? look.Unbroken : look.Highest, look);
        if (hole is { } waiting && waiting.SeenUpTo <= final)
        {
            Close(waiting);
        }

        if (hole is null && look.Highest > final)
        {
            var holders = await HoldersAsync(cancellationToken).ConfigureAwait(false);
            var found = new Hole(look, holders);
            if (found.IsStillOpen(holders))
            {
                Volatile.Write(ref hole, found);
            }
            else
            {
                Close(found);
            }
        }

        return (new LogHead(new LogPosition(final), new LogPosition(Math.Max(final, look.Highest))), replaced);
    }

    /// <summary>The bound always stands at an event. Where that one is gone, or another one stands there, it is not the log that was followed:
    /// an older one, after a restore or a failover to a standby that was behind.</summary>
    private CheckpointAheadOfLogException? Replaced(Look look)
    {
        if (final == 0 || (look.AtFinal is { } there && (finalId is not { } known || known == there)))
        {
            return null;
        }

        var followed = Checkpoint.After(new LogPosition(final));
        final = 0;
        Volatile.Write(ref hole, null);
        return new CheckpointAheadOfLogException(followed, new LogPosition(look.Highest));
    }

    private void Close(Hole closed)
    {
        Raise(closed.SeenUpTo, closed.Seen);
        Volatile.Write(ref hole, null);
    }

    private void Raise(long position, Look look)
    {
        if (position > final)
        {
            // Known of the last event alone; of another one from the next look on.
            (final, finalId) = (position, position == look.Highest ? look.HighestId : null);
        }
    }

    private Task<Look> LookAheadAsync(CancellationToken cancellationToken) => session.ReadAsync(
        sql.LookAhead,
        parameters => parameters.Add(new NpgsqlParameter<long> { TypedValue = final }),
        async reader =>
        {
            await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
            if (reader.GetBoolean(4))
            {
                throw new EventStoreUnavailableException(
                    "The log cannot be followed on a standby, where nobody can tell what is still to come: connect to the primary.");
            }

            return new Look(
                reader.IsDBNull(0) ? 0 : reader.GetInt64(0),
                reader.IsDBNull(1) ? null : reader.GetGuid(1),
                reader.IsDBNull(2) ? 0 : reader.GetInt64(2),
                reader.IsDBNull(3) ? null : reader.GetGuid(3));
        },
        cancellationToken);

    private Task<HashSet<LockHolder>> HoldersAsync(CancellationToken cancellationToken) => session.ReadAsync(
        sql.AppendLockHolders,
        _ => { },
        async reader =>
        {
            var holders = new HashSet<LockHolder>();
            while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                holders.Add(new LockHolder(reader.IsDBNull(0) ? null : reader.GetInt32(0), reader.GetString(1)));
            }

            return holders;
        },
        cancellationToken);

    /// <summary>The end of the log, as one statement has found it.</summary>
    private readonly record struct Look(long Highest, Guid? HighestId, long Unbroken, Guid? AtFinal);

    /// <summary>A session (or a prepared transaction, which has no process) and its transaction.</summary>
    private readonly record struct LockHolder(int? Process, string Transaction)
    {
        /// <summary>A prepared transaction: it keeps its locks under another name than the session that prepared it.</summary>
        public bool IsPrepared => Process is null || Transaction.StartsWith("-1/", StringComparison.Ordinal);

        /// <summary>A session in the moment of handing its transaction over to the prepared state.</summary>
        public bool IsBeingPrepared => Transaction.EndsWith("/0", StringComparison.Ordinal);
    }

    /// <summary>Something is missing below a position, and these were at work when it was seen.</summary>
    private sealed class Hole(Look seen, HashSet<LockHolder> suspects)
    {
        public Look Seen => seen;

        public long SeenUpTo => seen.Highest;

        public bool IsStillOpen(HashSet<LockHolder> now) => suspects.Count > 0 && now.Any(holder =>
            suspects.Contains(holder)
            || holder.IsPrepared
            || (holder.IsBeingPrepared && suspects.Any(suspect => suspect.Process == holder.Process)));
    }
}
