using System.Diagnostics;

namespace EventSourcing;

/// <summary>Where a consumer stands in this process, for those who ask and those who wait.</summary>
internal sealed class ConsumerProgress
{
    private static readonly TimeSpan RateWindow = TimeSpan.FromSeconds(2);

    private readonly Lock gate = new();
    private TaskCompletionSource changed = NewSignal();
    private long handled;
    private long handledBefore;
    private long rateSince = Stopwatch.GetTimestamp();
    private double rate;

    public ConsumerState State { get; private set; }

    public LogPosition Position { get; private set; }

    /// <summary>The last failure, while it is retrying or failed.</summary>
    public Exception? Error { get; private set; }

    /// <summary>Completes at the next change.</summary>
    public Task Changed
    {
        get
        {
            lock (gate)
            {
                return changed.Task;
            }
        }
    }

    /// <summary>Events a second, over the last seconds.</summary>
    public double EventsPerSecond
    {
        get
        {
            lock (gate)
            {
                var passed = Stopwatch.GetElapsedTime(rateSince);
                if (passed > RateWindow)
                {
                    rate = (handled - handledBefore) / passed.TotalSeconds;
                    (handledBefore, rateSince) = (handled, Stopwatch.GetTimestamp());
                }

                return rate;
            }
        }
    }

    public void Started() => Set(ConsumerState.CatchingUp, null);

    public void Retrying(Exception failure) => Set(ConsumerState.Retrying, failure);

    public void Failed(Exception failure) => Set(ConsumerState.Failed, failure);

    public void Stopped()
    {
        if (State != ConsumerState.Failed)
        {
            Set(ConsumerState.Stopped, null);
        }
    }

    /// <summary>It has begun again at a position that it had reached before.</summary>
    public void StandsAt(LogPosition position)
    {
        lock (gate)
        {
            Position = position;
        }
    }

    public void Reached(LogPosition position, bool isLive, int events)
    {
        lock (gate)
        {
            Position = position;
            handled += events;
        }

        Set(isLive ? ConsumerState.Live : ConsumerState.CatchingUp, null);
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Set(ConsumerState state, Exception? error)
    {
        TaskCompletionSource signal;
        lock (gate)
        {
            (State, Error) = (state, error);
            signal = changed;
            changed = NewSignal();
        }

        signal.SetResult();
    }
}
