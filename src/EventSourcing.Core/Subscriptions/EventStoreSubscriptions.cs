using System.Runtime.CompilerServices;

namespace EventSourcing;

/// <summary>Subscriptions to any store.</summary>
public static class EventStoreSubscriptions
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Follows the log from a checkpoint on: first what is there, then what comes, each event once, in position order,
    /// without a skip. Ends only by cancellation or an error.
    /// </summary>
    /// <remarks>
    /// When the store becomes unreachable after the subscription has begun, the subscription waits and goes on by
    /// itself. A slow subscriber slows itself only: pages are read as it asks for them.
    /// </remarks>
    /// <param name="store">The store.</param>
    /// <param name="options">Start, filter and page size; by default everything from the first event.</param>
    /// <param name="cancellationToken">Ends the subscription.</param>
    /// <returns>The messages; enumerating ends with <see cref="OperationCanceledException"/> on cancellation.</returns>
    /// <exception cref="CheckpointAheadOfLogException">The checkpoint lies beyond the end of the log.</exception>
    /// <exception cref="EventStoreUnavailableException">The store cannot be reached at the start.</exception>
    public static async IAsyncEnumerable<SubscriptionMessage> SubscribeAsync(
        this IEventStore store,
        SubscriptionOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        options ??= new SubscriptionOptions();
        var checkpoint = options.From;
        var isLive = false;
        using var metrics = new ConsumerMetrics(options.Name, ConsumerMetrics.Subscription, TimeProvider.System);
        await foreach (var page in FollowThroughOutagesAsync(store, options, cancellationToken).ConfigureAwait(false))
        {
            if (isLive && !page.IsEnd)
            {
                isLive = false;
                yield return new FellBehind(checkpoint.Position, checkpoint);
            }

            foreach (var recorded in page.Events)
            {
                cancellationToken.ThrowIfCancellationRequested();
                checkpoint = Checkpoint.After(recorded.Position);
                metrics.At(recorded);
                metrics.Count(1);
                yield return new EventReceived(recorded, checkpoint);
                metrics.Passed(recorded.Position, isEnd: false);
            }

            metrics.Passed(page.ReadTo, page.IsEnd);

            if (page.ReadTo > checkpoint.Position)
            {
                checkpoint = Checkpoint.After(page.ReadTo);
                yield return new Progressed(checkpoint);
            }

            if (!isLive && page.IsEnd)
            {
                isLive = true;
                yield return new CaughtUp(page.ReadTo, checkpoint);
            }
        }
    }

    private static async IAsyncEnumerable<LogPage> FollowThroughOutagesAsync(
        IEventStore store, SubscriptionOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var from = options.From;
        var hasBegun = false;
        var failures = 0;
        while (true)
        {
            var pages = LogFollower
                .FollowAsync(store, from, options.Filter, _ => options.PageSize, upTo: null, cancellationToken)
                .GetAsyncEnumerator(cancellationToken);
            await using (pages.ConfigureAwait(false))
            {
                while (true)
                {
                    try
                    {
                        if (!await pages.MoveNextAsync().ConfigureAwait(false))
                        {
                            yield break;
                        }
                    }
                    catch (EventStoreUnavailableException) when (hasBegun)
                    {
                        failures++;
                        break;
                    }

                    hasBegun = true;
                    failures = 0;
                    from = Checkpoint.After(pages.Current.ReadTo);
                    yield return pages.Current;
                }
            }

            await Task.Delay(Backoff.Jittered(FirstPause, failures, LongestPause), cancellationToken).ConfigureAwait(false);
        }
    }
}
