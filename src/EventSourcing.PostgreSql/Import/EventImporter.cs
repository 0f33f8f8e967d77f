using System.Runtime.CompilerServices;

namespace EventSourcing.PostgreSql;

/// <summary>Divides what is to be imported into batches, and stores them.</summary>
internal sealed class EventImporter(ServerSession session, Sql sql, int maxEventBytes, Action appended)
{
    private readonly ImportWriter writer = new(session, sql);
    private readonly ImportPipeline pipeline = new(session, sql.Schema);

    public async Task<ImportProgress> ImportAsync(
        IAsyncEnumerable<StreamAppend> parts, IProgress<ImportProgress>? progress, CancellationToken cancellationToken)
    {
        var reached = new ImportProgress(0, 0, 0, LogPosition.Start);
        await pipeline
            .RunAsync(
                BatchesAsync(parts, cancellationToken),
                (batch, turn) => writer.WriteAsync(batch, turn, cancellationToken),
                (batch, written) =>
                {
                    reached = new ImportProgress(
                        reached.Stored + written.Stored,
                        reached.AlreadyStored + batch.Events - written.Stored,
                        reached.Batches + 1,
                        written.Position ?? reached.Position);
                    if (written.Stored > 0)
                    {
                        appended();
                    }

                    progress?.Report(reached);
                },
                cancellationToken)
            .ConfigureAwait(false);
        return reached;
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
