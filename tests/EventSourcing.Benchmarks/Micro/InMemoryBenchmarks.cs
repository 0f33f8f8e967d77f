using BenchmarkDotNet.Attributes;
using EventSourcing.InMemory;

namespace EventSourcing.Benchmarks;

/// <summary>The store that tests run on.</summary>
public class InMemoryBenchmarks
{
    private readonly InMemoryEventStore store = new();
    private readonly InMemoryEventStore full = new();
    private readonly EventData line = Orders.Serializer.Serialize(Orders.Line(7));
    private Repository repository = null!;
    private long streams;

    /// <summary>A stream of a hundred events to load.</summary>
    [GlobalSetup]
    public async Task SetUp()
    {
        await OrderStreams.AppendAsync(full, "order-1", 100, CancellationToken.None);
        repository = new Repository(full, Orders.Serializer);
    }

    /// <summary>One event to a new stream.</summary>
    [Benchmark]
    public Task<AppendResult> Append() => store.AppendAsync($"order-{++streams}", ExpectedVersion.NoStream, [line]);

    /// <summary>A hundred events folded.</summary>
    [Benchmark]
    public async Task<long> Load100() => (await repository.LoadAsync("order-1", Orders.Fold)).Version.Value;
}
