namespace EventSourcing;

/// <summary>Counts the relay's failed attempts, and says what to send next. What stands before a refused message goes out without it;
/// then that message is tried alone, and nothing after it goes before its fate is decided.</summary>
internal sealed class RelayFailures(ConsumerOptions options)
{
    private Guid? refused;
    private int outages;
    private int attempts;

    /// <summary>How often the refused message has been tried.</summary>
    public int Attempts => attempts;

    /// <summary>The part of what waits that is to be sent at once.</summary>
    public IReadOnlyList<OutboxMessage> Next(IReadOnlyList<OutboxMessage> waiting)
    {
        if (refused is null)
        {
            return waiting;
        }

        var index = IndexOf(waiting, refused.Value);
        if (index < 0)
        {
            // Somebody has discarded it, or it is far behind others.
            return waiting;
        }

        return index == 0 ? [waiting[0]] : [.. waiting.Take(index)];
    }

    public void Succeeded(IReadOnlyList<OutboxMessage> sent)
    {
        outages = 0;
        if (refused is null || IndexOf(sent, refused.Value) >= 0)
        {
            Forget();
        }
    }

    public void Forget() => (refused, attempts) = (null, 0);

    /// <summary>How long to pause before the next attempt; null where there is to be none, because the first of what was sent, or the
    /// publisher as such, has failed too often.</summary>
    public TimeSpan? Failed(Exception failure, IReadOnlyList<OutboxMessage> sent)
    {
        if (IsTransient(failure))
        {
            outages++;
            return Backoff.Jittered(options.FirstRetryDelay, outages, options.LongestRetryDelay);
        }

        var named = (failure as MessagePublishingException)?.RefusedMessageId;
        if (named != refused)
        {
            (refused, attempts) = (named, 0);
        }

        attempts++;
        if (named is { } id && IndexOf(sent, id) > 0)
        {
            return TimeSpan.Zero;
        }

        return attempts < options.MaxAttempts ? Backoff.Jittered(options.FirstRetryDelay, attempts, options.LongestRetryDelay) : null;
    }

    private static int IndexOf(IReadOnlyList<OutboxMessage> messages, Guid id)
    {
        for (var i = 0; i < messages.Count; i++)
        {
            if (messages[i].Message.Id == id)
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>Whether it is no message's fault: to be waited for without end.</summary>
    private bool IsTransient(Exception failure) =>
        failure is EventStoreUnavailableException or MessagePublishingException { IsTransient: true } || options.IsTransient?.Invoke(failure) == true;
}
