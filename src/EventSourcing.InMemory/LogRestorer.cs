namespace EventSourcing.InMemory;

/// <summary>Stores a log as it was elsewhere, in batches.</summary>
internal static class LogRestorer
{
    public static async Task<RestoreProgress> RestoreAsync(
        InMemoryEventStore store,
        LogRestoration restoration,
        ILogSource source,
        int maxEventBytes,
        IProgress<RestoreProgress>? progress,
        CancellationToken cancellationToken)
    {
        var end = await source.GetEndAsync(cancellationToken).ConfigureAwait(false);
        var special = await source.ReadStreamsAsync(cancellationToken)
            .ToDictionaryAsync(stream => stream.Stream, cancellationToken: cancellationToken).ConfigureAwait(false);
        var (run, reached) = store.Maintain((log, _) =>
            (restoration.Begin(source.Name, end, log.Head), new RestoreProgress(0, restoration.Position, end)));
        var batches = new RestoreBatches(source, end, maxEventBytes, stream => store.WhileNobodyAppends(log => log.Of(stream)), special);
        await foreach (var batch in batches.ReadAsync(reached.Position, cancellationToken).ConfigureAwait(false))
        {
            reached = store.Maintain((log, _) =>
            {
                restoration.Advance(run, batch[^1].Position);
                batch.ForEach(log.Add);
                return reached with { Stored = reached.Stored + batch.Count, Position = batch[^1].Position };
            });
            progress?.Report(reached);
        }

        return store.Maintain((log, _) =>
        {
            restoration.End(run);
            foreach (var stream in special.Values.Where(stream => log.InfoOf(stream.Stream) is not null))
            {
                log.Set(stream.Stream, stream.State, stream.StandIn);
            }

            return reached;
        });
    }
}
