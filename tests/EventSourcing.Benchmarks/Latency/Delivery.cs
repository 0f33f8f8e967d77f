using System.Diagnostics;

namespace EventSourcing.Benchmarks;

/// <summary>
/// What a follower was told: positions and when, by the monotonic clock, which all processes of a machine share. Counts
/// and checks the order at any rate, and keeps the times where asked to.
/// </summary>
internal sealed class Delivery(bool keepsTimes)
{
    private readonly TaskCompletionSource ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<(long Position, long Ticks)> times = [];
    private readonly Lock gate = new();
    private TaskCompletionSource? reached;
    private long last;
    private long until = long.MaxValue;

    public Task Ready => ready.Task;

    public long Count { get; private set; }

    public IReadOnlyList<(long Position, long Ticks)> Times => times;

    public void OnReady() => ready.TrySetResult();

    public void OnEvent(long position)
    {
        var now = Stopwatch.GetTimestamp();
        lock (gate)
        {
            if (position <= last)
            {
                throw new InvalidOperationException($"Position {position} was delivered after {last}.");
            }

            last = position;
            Count++;
            if (keepsTimes)
            {
                times.Add((position, now));
            }

            if (position >= until)
            {
                reached?.TrySetResult();
            }
        }
    }

    /// <summary>Completes when a position was delivered.</summary>
    public Task ReachedAsync(long position)
    {
        lock (gate)
        {
            until = position;
            reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (last >= position)
            {
                reached.SetResult();
            }

            return reached.Task;
        }
    }
}
