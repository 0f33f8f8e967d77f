namespace EventSourcing;

/// <summary>
/// Counts a consumer's failed attempts at one place of the log. After a failure the page that failed is gone through
/// event by event: everything before the poison event is applied, and that event is alone in its page.
/// </summary>
internal sealed class FailureCount(ConsumerOptions options)
{
    private int attempts;
    private int outages;
    private LogPosition tryingUpTo;
    private LogPosition oneByOneUpTo;

    /// <summary>How often the event has been tried.</summary>
    public int Attempts => attempts;

    public int PageSize(LogPosition after) => after < oneByOneUpTo ? 1 : options.PageSize;

    public void Trying(LogPosition upTo) => tryingUpTo = upTo;

    /// <summary>A page was applied: whatever failed before, this place of the log is passed.</summary>
    public void Succeeded()
    {
        outages = 0;
        attempts = 0;
    }

    /// <summary>How long to pause before the next attempt; null where there is to be none.</summary>
    /// <param name="failure">The failure.</param>
    /// <param name="isAlone">Whether the page holds one event, which it is then.</param>
    /// <param name="isAmongOthers">Whether it holds several: then it is not known yet which one it is, and each gets its own try.</param>
    public TimeSpan? Failed(Exception failure, bool isAlone, bool isAmongOthers)
    {
        if (IsTransient(failure))
        {
            outages++;
            return Backoff.Jittered(options.FirstRetryDelay, outages, options.LongestRetryDelay);
        }

        // The log is shorter than the read model: waiting does not help, and going on would skip events.
        if (failure is CheckpointAheadOfLogException)
        {
            return null;
        }

        attempts++;
        oneByOneUpTo = tryingUpTo;

        // The same bytes will not fit next time either, once it is known which event it is.
        return isAmongOthers || (attempts < options.MaxAttempts && !(isAlone && failure is EventSerializationException or UnknownEventTypeException))
            ? Backoff.Jittered(options.FirstRetryDelay, attempts, options.LongestRetryDelay)
            : null;
    }

    /// <summary>Whether it is not the event's fault: to be waited for without end.</summary>
    private bool IsTransient(Exception failure) =>
        failure is EventStoreUnavailableException
        || options.IsTransient?.Invoke(failure is EventHandlingException { InnerException: { } inner } ? inner : failure) == true;
}
