namespace EventSourcing.Testing;

/// <summary>The clock of pauses between attempts: none of them lasts. What in production passes by itself, and is waited for without end,
/// does not pass in a test: after many attempts this says so.</summary>
internal sealed class Impatience : TimeProvider, IDisposable
{
    private const int MostPauses = 100;

    private readonly CancellationTokenSource over = new();
    private int pauses;

    /// <summary>Cancelled when it has become too much.</summary>
    public CancellationToken Over => over.Token;

    /// <summary>Counts a pause that nobody waits for.</summary>
    public void Pause()
    {
        if (Interlocked.Increment(ref pauses) >= MostPauses)
        {
            over.Cancel();
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime == Timeout.InfiniteTimeSpan)
        {
            return System.CreateTimer(callback, state, dueTime, period);
        }

        Pause();
        return System.CreateTimer(callback, state, TimeSpan.Zero, period);
    }

    public void Dispose() => over.Dispose();
}
