using System.Diagnostics;

namespace EventSourcing.Benchmarks;

/// <summary>What one side did in one round.</summary>
internal sealed record Side(long Operations, double Seconds, long AllocatedBytes, double[] Milliseconds)
{
    public double PerSecond => Operations / Seconds;

    public static async Task<Side> MeasureAsync(Func<Recorder, CancellationToken, Task> run, TimeSpan time, CancellationToken cancellationToken)
    {
        var recorder = new Recorder();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var allocated = GC.GetTotalAllocatedBytes(precise: true);
        var watch = Stopwatch.StartNew();
        using (var until = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken))
        {
            until.CancelAfter(time);
            await run(recorder, until.Token);
        }

        var seconds = watch.Elapsed.TotalSeconds;
        allocated = GC.GetTotalAllocatedBytes(precise: true) - allocated;
        cancellationToken.ThrowIfCancellationRequested();
        return new Side(recorder.Operations, seconds, allocated, [.. recorder.Milliseconds()]);
    }

    public static Side Sum(IReadOnlyCollection<Side> rounds) => new(
        rounds.Sum(round => round.Operations),
        rounds.Sum(round => round.Seconds),
        rounds.Sum(round => round.AllocatedBytes),
        [.. rounds.SelectMany(round => round.Milliseconds)]);
}
