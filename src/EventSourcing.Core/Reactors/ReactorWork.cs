using Microsoft.Extensions.Logging;

namespace EventSourcing;

/// <summary>A reactor as something to be leased: follows the log, and delivers its messages.</summary>
internal sealed class ReactorWork(
    IEventStore store,
    EventSerializer serializer,
    Reactor reactor,
    ReactorEffects effects,
    IReactorStore state,
    ConsumerOptions options,
    TimeProvider time,
    ILogger logger) : ILeasedWork
{
    private static readonly TimeSpan PruneEvery = TimeSpan.FromHours(1);

    public string Name => reactor.Name;

    public string Kind => ConsumerMetrics.Reactor;

    public bool IsShared => true;

    public ReactorEffects Effects => effects;

    public async Task<ConsumerDefinition> DefineAsync(CancellationToken cancellationToken)
    {
        // What is final: an append that is under way now comes after it and is not missed.
        var start = reactor.StartAfter ?? (await store.GetHeadAsync(cancellationToken).ConfigureAwait(false)).Final;
        return new ConsumerDefinition(Name, Version: 1, reactor.Shards, start, IsRebuildable: false);
    }

    public async Task RunAsync(ConsumerLease lease, ConsumerProgress progress, ConsumerMetrics metrics, CancellationToken cancellationToken)
    {
        using var turn = new SemaphoreSlim(1);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var delivering = reactor.Messages.EventTypes.Count > 0
            ? new MessageLoop(reactor, effects, state, turn, options, time, logger, lease, metrics).RunAsync(stop.Token)
            : Task.Delay(Timeout.InfiniteTimeSpan, stop.Token);
        var following = FollowAsync(lease, progress, metrics, turn, stop.Token);

        // Whichever ends first says why; the other one ends with it.
        var ended = await Task.WhenAny(delivering, following).ConfigureAwait(false);
        await stop.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(delivering, following).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await ended.ConfigureAwait(false);
    }

    private Task FollowAsync(
        ConsumerLease lease, ConsumerProgress progress, ConsumerMetrics metrics, SemaphoreSlim turn, CancellationToken cancellationToken)
    {
        long? prunedAt = null;
        var consumer = new ReactorConsumer(reactor, effects, state, turn, metrics);
        var loop = new ConsumerLoop(store, serializer, consumer, options, time, logger, lease, progress)
        {
            Metrics = metrics,
            IsWatchedByPage = false,
            AfterPage = async isEnd =>
            {
                // One of the shards does it for all.
                if (isEnd && lease.Key.Shard.Index == 0 && (prunedAt is not { } before || time.GetElapsedTime(before) > PruneEvery))
                {
                    await state.PruneReceiptsAsync(Name, reactor.ReceiptRetention, cancellationToken).ConfigureAwait(false);
                    prunedAt = time.GetTimestamp();
                }

                return false;
            },
        };
        return loop.RunAsync(cancellationToken);
    }
}
