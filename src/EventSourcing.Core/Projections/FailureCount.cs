namespace EventSourcing;

/// <summary>
/// Counts a projection's failed attempts at one place of the log. After a failure the page that failed is gone through
/// event by event: everything before the poison event is applied, and that event is alone in its page.
/// </summary>
internal sealed class FailureCount
{
    private int attempts;
    private int outages;
    private LogPosition tryingUpTo;
    private LogPosition oneByOneUpTo;

    public int PageSize(LogPosition after, int usual) => after < oneByOneUpTo ? 1 : usual;

    public void Trying(LogPosition upTo) => tryingUpTo = upTo;

    /// <summary>A page was applied: whatever failed before, this place of the log is passed.</summary>
    public void Succeeded()
    {
        outages = 0;
        attempts = 0;
    }

    /// <summary>How long to pause before the next attempt; null where there is to be none.</summary>
    public TimeSpan? Failed(Exception failure, ProjectionRunnerOptions options)
    {
        if (failure is EventStoreUnavailableException)
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
        return attempts < options.MaxAttempts
            ? Backoff.Jittered(options.FirstRetryDelay, attempts, options.LongestRetryDelay)
            : null;
    }
}
