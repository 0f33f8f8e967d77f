using System.Diagnostics;
using System.Text.Json;
using Npgsql;

namespace EventSourcing.Benchmarks;

/// <summary>
/// Folds streams of one length, one thread. Floor: one prepared SELECT of type and payload by the stream's id, on a pooled
/// connection, each row deserialized with the same options and folded by hand.
/// </summary>
internal sealed class LoadScenario(BenchmarkDatabase database, int events, bool isWarm) : IScenario
{
    private const int Streams = 50;
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, PropertyNameCaseInsensitive = true };

    private readonly Repository repository = new(
        database.Store, Orders.Serializer, cache: isWarm ? new StreamCacheOptions { MaxStreams = Streams } : null);


    private readonly (short Bucket, long Id)[] floorStreams = new (short, long)[Streams];
    private long next;

    public string Name => "load";

    public IReadOnlyDictionary<string, object> Settings { get; } = new Dictionary<string, object> { ["events"] = events, ["warm"] = isWarm };

    public async Task SetUpAsync(CancellationToken cancellationToken)
    {
        for (var i = 0; i < Streams; i++)
        {
            await OrderStreams.AppendAsync(database.Store, Stream(i), events, cancellationToken);
            await using var command = database.DataSource.CreateCommand($"select bucket, stream_id from {database.Schema}.streams where name = '{Stream(i)}'");
            await using var row = await command.ExecuteReaderAsync(cancellationToken);
            await row.ReadAsync(cancellationToken);
            floorStreams[i] = (row.GetInt16(0), row.GetInt64(1));
        }

        await database.ExecuteAsync("vacuum analyze", cancellationToken);
    }

    public Task OursAsync(Recorder recorder, CancellationToken until) => RunAsync(recorder, async i =>
    {
        var folded = await repository.LoadAsync(Stream(i), Orders.Fold, CancellationToken.None);
        return (folded.State, folded.Version.Value);
    }, until);

    public Task FloorAsync(Recorder recorder, CancellationToken until) => RunAsync(recorder, async i =>
    {
        await using var connection = await database.DataSource.OpenConnectionAsync(CancellationToken.None);
        await using var command = new NpgsqlCommand(
            $"select version, type, data from {database.Schema}.events where bucket = $1 and stream_id = $2 order by version", connection);
        command.Parameters.Add(new NpgsqlParameter<short> { TypedValue = floorStreams[i].Bucket });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = floorStreams[i].Id });
        await command.PrepareAsync(CancellationToken.None);
        await using var row = await command.ExecuteReaderAsync(CancellationToken.None);
        var state = default(OrderState);
        var version = 0L;
        while (await row.ReadAsync(CancellationToken.None))
        {
            version = row.GetInt64(0);
            object @event = row.GetString(1) switch
            {
                Orders.EventType => JsonSerializer.Deserialize<LineAdded>(row.GetFieldValue<byte[]>(2), Json)!,
                var type => throw new InvalidOperationException(type),
            };
            state = Orders.Evolve(state, @event);
        }

        return (state, version);
    }, until);

    public async Task VerifyAsync(long ours, long floor, CancellationToken cancellationToken) => Verify.Equal(
        "events of 150 bytes",
        (long)Streams * events,
        await database.ScalarAsync<long>($"select count(*) from {database.Schema}.events where octet_length(data::text) = 150", cancellationToken));

    private static string Stream(int i) => $"order-{i}";

    private async Task RunAsync(Recorder recorder, Func<int, Task<(OrderState State, long Version)>> load, CancellationToken until)
    {
        var latencies = recorder.NewWorker();
        while (!until.IsCancellationRequested)
        {
            var i = (int)(next++ % Streams);
            var start = Stopwatch.GetTimestamp();
            var loaded = await load(i);
            latencies.Add(Stopwatch.GetTimestamp() - start);
            Verify.Equal(Stream(i), (Orders.After(events), (long)events), loaded);
        }
    }
}
