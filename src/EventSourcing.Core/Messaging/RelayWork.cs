using Microsoft.Extensions.Logging;

namespace EventSourcing;

/// <summary>
/// The relay as something to be leased: publishes what waits in the outbox, oldest first, and removes it when the broker has taken
/// responsibility. Whatever fails or crashes in between is published again, with the same ids.
/// </summary>
internal sealed class RelayWork(
    IOutbox outbox, IMessagePublisher publisher, OutboxSignal signal, ConsumerOptions options, TimeProvider time, ILogger logger) : ILeasedWork
{
    // What another process has written is seen after this at the latest.
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(500);

    public string Name => PublicMessageRunner.RelayName;

    public string Kind => ConsumerMetrics.Relay;

    public bool IsShared => true;

    public Task<ConsumerDefinition> DefineAsync(CancellationToken cancellationToken) => Task.FromResult(
        new ConsumerDefinition(Name, Version: 1, Shards: 1, LogPosition.Start, IsRebuildable: false));

    public async Task RunAsync(ConsumerLease lease, ConsumerProgress progress, ConsumerMetrics metrics, CancellationToken cancellationToken)
    {
        var failures = new RelayFailures(options);
        while (true)
        {
            // Taken before looking: what is written in between then ends the wait below.
            var written = signal.Next;
            if (!await RelayNextAsync(lease, progress, metrics, failures, cancellationToken).ConfigureAwait(false))
            {
                await written.WaitAsync(Poll, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                cancellationToken.ThrowIfCancellationRequested();
            }
        }
    }

    /// <summary>Publishes what waits, as much as goes at once; recovers where that fails.</summary>
    /// <returns>False where nothing waits.</returns>
    /// <exception cref="ConsumerFailedException">The relay has given up.</exception>
    internal async Task<bool> RelayNextAsync(
        ConsumerLease lease, ConsumerProgress progress, ConsumerMetrics metrics, RelayFailures failures, CancellationToken cancellationToken)
    {
        IReadOnlyList<OutboxMessage> batch = [];
        try
        {
            batch = failures.Next(await outbox.ReadAsync(lease, options.PageSize, cancellationToken).ConfigureAwait(false));
            if (batch.Count > 0)
            {
                await RelayAsync(lease, batch, cancellationToken).ConfigureAwait(false);
            }

            failures.Succeeded(batch);
            progress.Reached(LogPosition.Start, isLive: batch.Count < options.PageSize, batch.Count);
            metrics.Count(batch.Count);
            return batch.Count > 0;
        }
        catch (Exception failure) when (failure is not (LeaseLostException or OperationCanceledException)
            || (failure is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            await RecoverAsync(lease, progress, failures, failure, batch, cancellationToken).ConfigureAwait(false);
            return true;
        }
    }

    private async Task RelayAsync(ConsumerLease lease, IReadOnlyList<OutboxMessage> batch, CancellationToken cancellationToken)
    {
        // Whoever is stopped brings to an end what is on its way: what is given up may have arrived, and goes out twice.
        using var grace = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        using var stopping = cancellationToken.UnsafeRegister(_ => grace.CancelAfter(options.LeaseTime), state: null);
        var begun = RelayMetrics.Begin(time);
        var isPublished = false;
        try
        {
            await publisher.PublishAsync([.. batch.Select(one => one.Message)], grace.Token).ConfigureAwait(false);
            isPublished = true;
        }
        finally
        {
            RelayMetrics.Measure(begun, time, isPublished ? batch.Count : 0);
        }

        await outbox.RemoveAsync(lease, [.. batch.Select(one => one.Number)], CancellationToken.None).ConfigureAwait(false);
    }

    private async Task RecoverAsync(
        ConsumerLease lease,
        ConsumerProgress progress,
        RelayFailures failures,
        Exception failure,
        IReadOnlyList<OutboxMessage> batch,
        CancellationToken cancellationToken)
    {
        if (failures.Failed(failure, batch) is { } pause)
        {
            RelayMetrics.Retried();
            progress.Retrying(failure);
            Log.ConsumerRetries(logger, Name, pause, failure);
            await Task.Delay(pause, time, cancellationToken).ConfigureAwait(false);
        }
        else if (options.OnPoison == PoisonAction.Park
            && failure is MessagePublishingException { RefusedMessageId: { } refused }
            && batch.FirstOrDefault(one => one.Message.Id == refused) is { } poison)
        {
            await TryParkAsync(lease, failures, failure, poison, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            Log.ConsumerStopped(logger, Name, failure);
            throw new ConsumerFailedException(Name, failure);
        }
    }

    private async Task TryParkAsync(
        ConsumerLease lease, RelayFailures failures, Exception failure, OutboxMessage poison, CancellationToken cancellationToken)
    {
        try
        {
            await outbox.ParkAsync(lease, poison.Number, failure.ToString(), failures.Attempts, cancellationToken).ConfigureAwait(false);
            Log.PublicMessageParked(logger, poison.Message.Type, poison.Message.Id, failure);
            failures.Forget();
        }
        catch (EventStoreUnavailableException)
        {
            // It is tried again, refused again, and parked when the store is back.
        }
    }
}
