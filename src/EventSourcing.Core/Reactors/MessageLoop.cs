using Microsoft.Extensions.Logging;

namespace EventSourcing;

/// <summary>Delivers the scheduled messages of one shard of a reactor when they are due. The turn is taken for each event and each
/// message: the handlers of a shard run one at a time.</summary>
internal sealed class MessageLoop(
    Reactor reactor,
    ReactorEffects effects,
    IReactorStore state,
    SemaphoreSlim turn,
    ConsumerOptions options,
    TimeProvider time,
    ILogger logger,
    ConsumerLease lease,
    ConsumerMetrics metrics)
{
    // Nobody tells of what an event or an operator elsewhere has just scheduled: it is found no later than this.
    private static readonly TimeSpan LongestSleep = TimeSpan.FromSeconds(1);

    /// <summary>Runs until cancelled.</summary>
    /// <exception cref="LeaseLostException">Somebody else has the shard by now.</exception>
    /// <exception cref="ConsumerFailedException">The messages cannot be read or kept.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var failures = 0;
        var attempts = 0;
        while (true)
        {
            TimeSpan pause;
            try
            {
                pause = await DeliverNextAsync(cancellationToken).ConfigureAwait(false);
                failures = attempts = 0;
            }
            catch (Exception failure) when (failure is not LeaseLostException && !cancellationToken.IsCancellationRequested)
            {
                // Not a handler's failure, which parks its message: no message is found or kept, and none comes after it.
                attempts += IsTransient(failure) ? 0 : 1;
                if (attempts >= options.MaxAttempts)
                {
                    Log.ConsumerStopped(logger, reactor.Name, failure);
                    throw new ConsumerFailedException(reactor.Name, failure);
                }

                pause = Backoff.Jittered(options.FirstRetryDelay, ++failures, options.LongestRetryDelay);
                Log.ConsumerRetries(logger, reactor.Name, pause, failure);
            }

            await Task.Delay(pause, time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Delivers a message if one is due.</summary>
    /// <returns>How long to wait for the next; zero where one was delivered, or has failed and is kept.</returns>
    internal async Task<TimeSpan> DeliverNextAsync(CancellationToken cancellationToken)
    {
        // One at a time, asked for in its turn: what an event has just cancelled or replaced is not delivered.
        await turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var next = await state.FindNextMessageAsync(lease, LongestSleep, cancellationToken).ConfigureAwait(false);
            if (next is null || next.DueIn > TimeSpan.Zero)
            {
                return next?.DueIn ?? LongestSleep;
            }

            ReactorOutcome outcome;
            var begun = metrics.Begin();
            try
            {
                outcome = await effects.HandleAsync(next.Message, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception failure) when (!IsTransient(failure) && !cancellationToken.IsCancellationRequested)
            {
                metrics.Failed(begun);
                await PostponeAsync(next.Message, failure, cancellationToken).ConfigureAwait(false);
                return TimeSpan.Zero;
            }

            // The effect has happened: that is stored even when the process is about to end.
            await state.SettleMessageAsync(lease, next.Message, outcome, CancellationToken.None).ConfigureAwait(false);
            metrics.Timed(begun);
            return TimeSpan.Zero;
        }
        finally
        {
            turn.Release();
        }
    }

    private async Task PostponeAsync(ScheduledMessage message, Exception failure, CancellationToken cancellationToken)
    {
        var failed = message with { Attempts = message.Attempts + 1, Error = failure.ToString() };
        TimeSpan? pause = failed.Attempts < options.MaxAttempts
            ? Backoff.Jittered(options.FirstRetryDelay, failed.Attempts, options.LongestRetryDelay)
            : null;
        await state.PostponeMessageAsync(lease, failed, pause, cancellationToken).ConfigureAwait(false);
        if (pause is { } again)
        {
            metrics.Retried();
            Log.MessageRetries(logger, reactor.Name, message.Type, again, failure);
        }
        else
        {
            metrics.DeadLettered();
            Log.MessageParked(logger, reactor.Name, message.Type, message.Id, failed.Attempts, failure);
        }
    }

    private bool IsTransient(Exception failure) =>
        failure is EventStoreUnavailableException
        || options.IsTransient?.Invoke(failure is EventHandlingException { InnerException: { } inner } ? inner : failure) == true;
}
