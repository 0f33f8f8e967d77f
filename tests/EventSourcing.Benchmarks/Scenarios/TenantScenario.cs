using System.Diagnostics;
using System.Text;

namespace EventSourcing.Benchmarks;

/// <summary>
/// What it costs that a log is shared: appends of one event to new streams, or loads of streams of 100 events, through a tenant's part of the
/// log. Floor: the same on the same store without tenants.
/// </summary>
internal sealed class TenantScenario(BenchmarkDatabase database, int writers, bool isLoading) : IScenario
{
    private const int Streams = 50;
    private const int EventsInStream = 100;
    private static readonly byte[] Payload = Encoding.UTF8.GetBytes($$"""{"orderId":4711,"customer":"C-17850","note":"{{new string('x', 104)}}"}""");

    private readonly TenantLog tenant = new(database.Store, "acme");
    private long streams;
    private long next;

    public string Name => "tenant";

    public IReadOnlyDictionary<string, object> Settings { get; } = new Dictionary<string, object> { ["writers"] = isLoading ? 1 : writers, ["loading"] = isLoading };

    public async Task SetUpAsync(CancellationToken cancellationToken)
    {
        for (var i = 0; isLoading && i < Streams; i++)
        {
            await OrderStreams.AppendAsync(tenant, $"order-{i}", EventsInStream, cancellationToken);
            await OrderStreams.AppendAsync(database.Store, $"order-{i}", EventsInStream, cancellationToken);
        }

        await database.ExecuteAsync("vacuum analyze", cancellationToken);
    }

    public Task OursAsync(Recorder recorder, CancellationToken until) => RunAsync(recorder, tenant, until);

    public Task FloorAsync(Recorder recorder, CancellationToken until) => RunAsync(recorder, database.Store, until);

    public async Task VerifyAsync(long ours, long floor, CancellationToken cancellationToken)
    {
        var (own, others) = isLoading ? ((long)Streams * EventsInStream, (long)Streams * EventsInStream) : (ours, floor);
        Verify.Equal("the tenant's events", own, await database.ScalarAsync<long>($"select count(*) from {database.Schema}.events where tags = '{{@acme}}'", cancellationToken));
        Verify.Equal("other events", others, await database.ScalarAsync<long>($"select count(*) from {database.Schema}.events where tags is null", cancellationToken));
    }

    private Task RunAsync(Recorder recorder, IEventStore store, CancellationToken until)
    {
        var repository = new Repository(store, Orders.Serializer);
        return Task.WhenAll(Enumerable.Range(0, isLoading ? 1 : writers).Select(_ => Task.Run(
            async () =>
            {
                var latencies = recorder.NewWorker();
                while (!until.IsCancellationRequested)
                {
                    var start = Stopwatch.GetTimestamp();
                    if (isLoading)
                    {
                        var loaded = await repository.LoadAsync($"order-{next++ % Streams}", Orders.Fold, CancellationToken.None);
                        latencies.Add(Stopwatch.GetTimestamp() - start);
                        Verify.Equal("state", (Orders.After(EventsInStream), (long)EventsInStream), (loaded.State, loaded.Version.Value));
                        continue;
                    }

                    await store.AppendAsync(
                        $"order-{Interlocked.Increment(ref streams)}", ExpectedVersion.NoStream, [new EventData(Guid.CreateVersion7(), "order-placed", Payload)], CancellationToken.None);
                    latencies.Add(Stopwatch.GetTimestamp() - start);
                }
            },
            CancellationToken.None)));
    }
}
