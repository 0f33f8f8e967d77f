namespace EventSourcing;

/// <summary>One shard of a reactor as something that follows the log: handles event by event, and stores a receipt after each. The turn is
/// taken for each event and each message: the handlers of a shard run one at a time.</summary>
internal sealed class ReactorConsumer(
    Reactor reactor, ReactorEffects effects, IReactorStore state, SemaphoreSlim turn, ConsumerMetrics metrics) : IEventConsumer
{
    private LogPosition receiptsUpTo;

    public string Name => reactor.Name;

    public IReadOnlyCollection<Type> EventTypes => reactor.Events.EventTypes;

    public IReadOnlyCollection<string> Categories => reactor.Categories;

    public async Task<LogPosition> LoadPositionAsync(ConsumerLease lease, CancellationToken cancellationToken)
    {
        var cursor = await state.LoadAsync(lease, cancellationToken).ConfigureAwait(false);
        receiptsUpTo = cursor.ReceiptsUpTo;
        return cursor.Position;
    }

    public async Task ApplyAsync(ConsumerLease lease, EventPage page, CancellationToken cancellationToken)
    {
        // Receipts beyond the cursor are from before it was divided anew; whoever is past them need not ask.
        var handled = page.Events.Count > 0 && page.From < receiptsUpTo
            ? await state.FindReceiptsAsync(reactor.Name, page.From, page.To, cancellationToken).ConfigureAwait(false)
            : null;
        var at = page.From;
        foreach (var events in page.Events.GroupBy(envelope => envelope.Recorded))
        {
            if (handled?.Contains(events.Key.Id) != true)
            {
                await HandleAsync(lease, at, events, cancellationToken).ConfigureAwait(false);
                at = events.Key.Position;
            }
        }

        if (at != page.To)
        {
            await state.MoveAsync(lease, page with { From = at, Events = [] }, outcome: null, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task HandleAsync(
        ConsumerLease lease, LogPosition at, IGrouping<RecordedEvent, EventEnvelope> events, CancellationToken cancellationToken)
    {
        var recorded = events.Key;
        await turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        metrics.At(recorded);
        var begun = metrics.Begin();
        try
        {
            var outcome = await effects.HandleAsync(recorded.Id, recorded.Position, events, cancellationToken).ConfigureAwait(false);

            // The effect has happened: that is stored even when the process is about to end.
            await state.MoveAsync(lease, new EventPage(at, [], recorded.Position), outcome, CancellationToken.None).ConfigureAwait(false);
            metrics.Handled(events: 1, begun);
            metrics.Passed(recorded.Position, isEnd: false);
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            metrics.Failed(begun);
            throw;
        }
        finally
        {
            turn.Release();
        }
    }
}
