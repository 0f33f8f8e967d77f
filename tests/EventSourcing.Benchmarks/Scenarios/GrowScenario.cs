using System.Diagnostics;

namespace EventSourcing.Benchmarks;

/// <summary>
/// What an append (32 writers, to new streams) or a load (100 events, one thread) costs in a log of some size. Its floor is the
/// library itself in a log of 100,000 events, in turns with the large one.
/// </summary>
internal sealed class GrowScenario(BenchmarkDatabase large, BenchmarkDatabase small, long events, bool isAppend) : IScenario
{
    public const int SmallSize = 100_000;
    public const int StreamLength = 100;
    private const int Writers = 32;
    private const int StreamsInUse = 50;
    private static int run;

    private readonly string category = $"grow{Interlocked.Increment(ref run)}";
    private long next;

    public string Name => "grow";

    public IReadOnlyDictionary<string, object> Settings { get; } =
        new Dictionary<string, object> { ["events"] = events, ["operation"] = isAppend ? "append" : "load" };

    public Task SetUpAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task OursAsync(Recorder recorder, CancellationToken until) => RunAsync(large, events, recorder, until);

    public Task FloorAsync(Recorder recorder, CancellationToken until) => RunAsync(small, SmallSize, recorder, until);

    public async Task VerifyAsync(long ours, long floor, CancellationToken cancellationToken)
    {
        foreach (var (database, operations) in new[] { (large, ours), (small, floor) })
        {
            Verify.Equal("appends", isAppend ? operations : 0, await database.ScalarAsync<long>($"select count(*) from {database.Schema}.events where category = '{category}'", cancellationToken));

            // The next size, and the next operation, find the log as it was filled.
            await database.ExecuteAsync($"delete from {database.Schema}.events where category = '{category}'; delete from {database.Schema}.streams where name like '{category}-%'", cancellationToken);
            await database.ExecuteAsync($"vacuum {database.Schema}.events", cancellationToken);
            await database.ExecuteAsync($"vacuum {database.Schema}.streams", cancellationToken);
        }
    }

    private Task RunAsync(BenchmarkDatabase database, long size, Recorder recorder, CancellationToken until) =>
        isAppend ? AppendAsync(database, recorder, until) : LoadAsync(database, size, recorder, until);

    private Task AppendAsync(BenchmarkDatabase database, Recorder recorder, CancellationToken until) =>
        Task.WhenAll(Enumerable.Range(0, Writers).Select(_ => Task.Run(
            async () =>
            {
                var latencies = recorder.NewWorker();
                while (!until.IsCancellationRequested)
                {
                    var stream = new StreamName($"{category}-{Interlocked.Increment(ref next)}");
                    var start = Stopwatch.GetTimestamp();
                    await database.Store.AppendAsync(stream, ExpectedVersion.NoStream, [Orders.Serializer.Serialize(Orders.Line(1))], CancellationToken.None);
                    latencies.Add(Stopwatch.GetTimestamp() - start);
                }
            },
            CancellationToken.None)));

    // Streams from all over the log, each loaded again and again, as the streams in use are.
    private async Task LoadAsync(BenchmarkDatabase database, long size, Recorder recorder, CancellationToken until)
    {
        var repository = new Repository(database.Store, Orders.Serializer);
        var latencies = recorder.NewWorker();
        var streams = size / StreamLength;
        while (!until.IsCancellationRequested)
        {
            var stream = new StreamName($"order-{1 + (next++ % StreamsInUse * streams / StreamsInUse)}");
            var start = Stopwatch.GetTimestamp();
            var loaded = await repository.LoadAsync(stream, Orders.Fold, CancellationToken.None);
            latencies.Add(Stopwatch.GetTimestamp() - start);
            Verify.Equal(stream.Value, Orders.After(StreamLength), loaded.State);
        }
    }
}
