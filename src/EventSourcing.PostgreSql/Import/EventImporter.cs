using System.Runtime.CompilerServices;

namespace EventSourcing.PostgreSql;

/// <summary>
/// Divides what is to be imported into batches, and stores two at a time, each by a backend of its own: positions are taken and
/// transactions committed in the order of the batches. Meanwhile the next one is gathered.
/// </summary>
internal sealed class EventImporter(ServerSession session, Sql sql, int maxEventBytes, Action appended)
{
    private readonly ImportWriter writer = new(session, sql);

    public async Task<ImportProgress> ImportAsync(
        IAsyncEnumerable<StreamAppend> parts, IProgress<ImportProgress>? progress, CancellationToken cancellationToken)
    {
        var reached = new ImportProgress(0, 0, 0, LogPosition.Start);
        var (beforeLast, last) = (ImportTurn.First, ImportTurn.First);
        try
        {
            await foreach (var batch in BatchesAsync(parts, cancellationToken).ConfigureAwait(false))
            {
                await last.NextMayBegin.ConfigureAwait(false);
                await beforeLast.Ended.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (last.Ended.IsFaulted || last.Ended.IsCanceled)
                {
                    break;
                }

                var turn = new ImportTurn(last);
                turn.Begin(() => WriteAsync(batch, turn));
                (beforeLast, last) = (last, turn);
            }
        }
        finally
        {
            // Whatever ended the input: what was begun is not left behind.
            await last.Ended.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await last.Ended.ConfigureAwait(false);
        return reached;

        async Task WriteAsync(ImportBatch batch, ImportTurn turn)
        {
            var (stored, position) = await RepeatedAsync(batch, turn, cancellationToken).ConfigureAwait(false);
            reached = new ImportProgress(
                reached.Stored + stored,
                reached.AlreadyStored + batch.Events - stored,
                reached.Batches + 1,
                position ?? reached.Position);
            if (stored > 0)
            {
                appended();
            }

            progress?.Report(reached);
        }
    }

    /// <summary>A batch may be run again whenever it failed: it finds what it has stored before.</summary>
    private async Task<(int Stored, LogPosition? Position)> RepeatedAsync(ImportBatch batch, ImportTurn turn, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var isAlone = turn.BeforeHasEndedAsync().IsCompleted;
            try
            {
                var written = await writer.WriteAsync(batch, turn, cancellationToken).ConfigureAwait(false);

                // What the batch before has told comes first, also where there was nothing to commit here.
                await turn.BeforeHasEndedAsync().ConfigureAwait(false);
                turn.Committed();
                return written;
            }
            catch (Exception failure)
            {
                // Its locks are given back by now, so that the batch before can go on, which this one then waits for.
                turn.Failed();
                await turn.BeforeHasEndedAsync().ConfigureAwait(false);

                // Or it needs what that one was about to commit: streams that it makes cannot be seen before.
                if (failure is ImportTurn.BeforeHasFailedException || (failure is ConcurrencyConflictException && !isAlone))
                {
                    continue;
                }

                if (attempt >= session.MaxAttempts || !PostgreSqlErrors.IsTransient(failure))
                {
                    if (PostgreSqlErrors.Translate(failure, sql.Schema) is { } translated)
                    {
                        throw translated;
                    }

                    throw;
                }

                await session.PauseAsync(failure, attempt, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async IAsyncEnumerable<ImportBatch> BatchesAsync(
        IAsyncEnumerable<StreamAppend> parts, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var batch = new ImportBatch();
        await foreach (var part in parts.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            foreach (var piece in Pieces(part))
            {
                if (!batch.TryAdd(piece))
                {
                    yield return batch;
                    batch = new ImportBatch();
                    batch.TryAdd(piece);
                }
            }
        }

        if (batch.Parts.Count > 0)
        {
            yield return batch;
        }
    }

    /// <summary>A part, checked; one that is too long for a batch in pieces, the same ones on every run.</summary>
    private IEnumerable<StreamAppend> Pieces(StreamAppend? part)
    {
        ArgumentNullException.ThrowIfNull(part);
        if (!part.Expected.IsExact)
        {
            throw new ArgumentException(
                $"The import of stream '{part.Stream}' expects {part.Expected}; it needs an exact version, to know on the next run what it has stored.",
                nameof(part));
        }

        if (part.Events.Count == 0)
        {
            return [];
        }

        new AppendRequest(part).ThrowIfLargerThan(maxEventBytes);
        return part.Events.Count <= ImportBatch.MaxEvents
            ? [part]
            : part.Events.Chunk(ImportBatch.MaxEvents).Select((events, i) => new StreamAppend(
                part.Stream, ExpectedVersion.At(part.Expected.Version.Add((long)i * ImportBatch.MaxEvents)), events));
    }
}
