using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;

namespace EventSourcing;

/// <summary>Runs one shard of a consumer: follows the log, hands over pages, retries, parks or gives up. Knows nothing of others.</summary>
internal sealed class ConsumerLoop(
    IEventStore store,
    EventSerializer serializer,
    IEventConsumer consumer,
    ConsumerOptions options,
    TimeProvider time,
    ILogger logger,
    ConsumerLease lease,
    ConsumerProgress progress)
{
    private readonly FailureCount failures = new(options);
    private RecordedEvent? alone;
    private LogPosition begunAt;
    private bool isAmongOthers;
    private bool hasPages;
    private IReadOnlyList<RecordedEvent> trying = [];

    /// <summary>Told how it goes.</summary>
    public required ConsumerMetrics Metrics { get; init; }

    /// <summary>Whether a page is what is timed, counted and traced; otherwise the consumer does that, event by event.</summary>
    public bool IsWatchedByPage { get; init; } = true;

    /// <summary>Called after each page, with whether it is the end of the log; ends the run where it answers true.</summary>
    public Func<bool, Task<bool>> AfterPage { get; init; } = _ => Task.FromResult(false);

    /// <summary>Runs until cancelled.</summary>
    /// <exception cref="ConsumerFailedException">The consumer has given up.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        progress.Started();
        while (true)
        {
            Exception failure;
            try
            {
                await FollowAsync(cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (Exception caught) when (caught is not (LeaseLostException or OperationCanceledException)
                || (caught is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
                failure = caught;
            }

            // In the middle of the run the store noticed that the log is another one. The read model may have been replaced together with
            // it: what is kept beside the log tells at the next start.
            if (failure is CheckpointAheadOfLogException && hasPages && consumer.IsShared)
            {
                failure = new EventStoreUnavailableException(failure.Message, failure);
            }

            if (failure is not CheckpointAheadOfLogException)
            {
                progress.StandsAt(begunAt > progress.Position ? begunAt : progress.Position);
            }

            if (!IsWatchedByPage && failure is EventHandlingException handling)
            {
                alone = trying.FirstOrDefault(recorded => recorded.Position == handling.Position);
            }

            var pause = failures.Failed(failure, alone is not null, isAmongOthers);
            if (pause is null && !await TryParkAsync(failure, cancellationToken).ConfigureAwait(false))
            {
                Log.ConsumerStopped(logger, consumer.Name, failure);
                throw new ConsumerFailedException(consumer.Name, failure);
            }

            if (pause is not null)
            {
                Log.ConsumerRetries(logger, consumer.Name, pause.Value, failure);
                progress.Retrying(failure);
                Metrics.Retried();
                await Task.Delay(pause.Value, time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task FollowAsync(CancellationToken cancellationToken)
    {
        (alone, isAmongOthers, hasPages) = (null, false, false);
        var filter = ConsumerFilter.Of(consumer, serializer.Types) with { Shard = lease.Key.Shard };
        var at = await consumer.LoadPositionAsync(lease, cancellationToken).ConfigureAwait(false);
        begunAt = at;
        var pages = LogFollower.FollowAsync(store, Checkpoint.After(at), filter, failures.PageSize, upTo: null, cancellationToken);
        await foreach (var (page, events) in ReadAheadAsync(pages, cancellationToken).ConfigureAwait(false))
        {
            var to = page.ReadTo;
            hasPages = true;
            if (to != at)
            {
                failures.Trying(page.ReadTo);
                alone = page.Events is [var only] ? only : null;

                // One that keeps each event by itself fails at one, and has kept those before.
                isAmongOthers = page.Events.Count > 1 && IsWatchedByPage;
                trying = page.Events;
                if (page.Events.Count > 0)
                {
                    Metrics.At(page.Events[0]);
                }

                await ApplyAsync(new EventPage(at, await events.ConfigureAwait(false), to), isReplay: !page.IsEnd, cancellationToken)
                    .ConfigureAwait(false);
                at = to;

                // Not where nothing was applied: what fails after each page, such as the promotion, is to be given up on, too.
                failures.Succeeded();
            }

            Metrics.Passed(at, page.IsEnd);
            progress.Reached(at, isLive: page.IsEnd, page.Events.Count);
            if (await AfterPage(page.IsEnd).ConfigureAwait(false))
            {
                return;
            }
        }
    }

    private async Task ApplyAsync(EventPage page, bool isReplay, CancellationToken cancellationToken)
    {
        if (!IsWatchedByPage)
        {
            await consumer.ApplyAsync(lease, page, cancellationToken).ConfigureAwait(false);
            return;
        }

        using var activity = TraceContext.StartPage(page.Events, consumer.Name, isReplay);
        var begun = Metrics.Begin();
        try
        {
            await consumer.ApplyAsync(lease, page, cancellationToken).ConfigureAwait(false);
            Metrics.Handled(page.Events.Count, begun);
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            Metrics.Failed(begun);
            TraceContext.Failed(activity, failure);
            throw;
        }
    }

    /// <summary>Reads and deserializes the next page while one is applied. What is wrong with an event shows when its own turn comes.</summary>
    private async IAsyncEnumerable<(LogPage Page, Task<List<EventEnvelope>> Events)> ReadAheadAsync(
        IAsyncEnumerable<LogPage> pages, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var enumerator = pages.GetAsyncEnumerator(cancellationToken);
        Task<(LogPage, Task<List<EventEnvelope>>)?>? next = null;
        try
        {
            while (true)
            {
                var current = await (next ?? NextAsync(enumerator, cancellationToken)).ConfigureAwait(false);
                if (current is not { } page)
                {
                    yield break;
                }

                // At the end there is nothing to read ahead, and the next page waits for an append.
                next = page.Item1.IsEnd ? null : Task.Run(() => NextAsync(enumerator, cancellationToken), CancellationToken.None);
                yield return page;
            }
        }
        finally
        {
            if (next is not null)
            {
                await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            await enumerator.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task<(LogPage Page, Task<List<EventEnvelope>> Events)?> NextAsync(IAsyncEnumerator<LogPage> pages, CancellationToken cancellationToken)
    {
        if (!await pages.MoveNextAsync().ConfigureAwait(false))
        {
            return null;
        }

        await serializer.PrepareAsync(pages.Current.Events, cancellationToken).ConfigureAwait(false);
        try
        {
            return (pages.Current, Task.FromResult(Deserialize(pages.Current.Events)));
        }
        catch (Exception unreadable) when (unreadable is EventSerializationException or UnknownEventTypeException)
        {
            return (pages.Current, Task.FromException<List<EventEnvelope>>(unreadable));
        }
    }

    private List<EventEnvelope> Deserialize(IReadOnlyList<RecordedEvent> recorded)
    {
        var events = new List<EventEnvelope>(recorded.Count);
        foreach (var one in recorded)
        {
            if (options.OnUnknownEvent == UnknownEventAction.Fail || serializer.Knows(one.Type))
            {
                serializer.DeserializeTo(events, one);
            }
        }

        ConsumerFilter.RemoveOthers(events, consumer.EventTypes, serializer.Types);
        return events;
    }

    /// <summary>Goes past the event that was tried in vain, where that is wanted and it is known which one it is.</summary>
    private async Task<bool> TryParkAsync(Exception failure, CancellationToken cancellationToken)
    {
        if (options.OnPoison != PoisonAction.Park || alone is not { } poison || failure is CheckpointAheadOfLogException)
        {
            return false;
        }

        try
        {
            var at = await consumer.LoadPositionAsync(lease, cancellationToken).ConfigureAwait(false);
            if (at < poison.Position)
            {
                var parked = new ParkedEvent(poison, failure.ToString(), failures.Attempts);
                var page = new EventPage(at, [], poison.Position) { Parked = parked };
                await consumer.ApplyAsync(lease, page, cancellationToken).ConfigureAwait(false);
                Metrics.DeadLettered();
                Log.EventParked(logger, consumer.Name, poison.Type, poison.Position, failure);
            }

            failures.Succeeded();
            return true;
        }
        catch (EventStoreUnavailableException)
        {
            // Tried again, from the event on, when the store is back.
            return true;
        }
    }
}
