using System.Diagnostics;

namespace EventSourcing.Benchmarks;

/// <summary>Counts operations and keeps each one's latency; one list for each worker, so that measuring adds no contention.</summary>
internal sealed class Recorder
{
    private readonly List<List<long>> workers = [];

    public long Operations => workers.Sum(worker => (long)worker.Count);

    /// <summary>A list to add the elapsed ticks of each operation to; belongs to one worker.</summary>
    public List<long> NewWorker()
    {
        var worker = new List<long>(4096);
        lock (workers)
        {
            workers.Add(worker);
        }

        return worker;
    }

    public IEnumerable<double> Milliseconds() =>
        workers.SelectMany(worker => worker).Select(ticks => ticks * 1000.0 / Stopwatch.Frequency);
}
