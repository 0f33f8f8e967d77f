using System.Diagnostics;
using System.Text.Json;
using Npgsql;

namespace EventSourcing.Benchmarks;

/// <summary>
/// Reads the whole log, typed, one reader. Floor: one SELECT of the same columns in the order of the positions, each payload
/// deserialized.
/// </summary>
internal sealed class ReadAllScenario(BenchmarkDatabase database, int events) : IScenario
{
    private const int StreamLength = 50;
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, PropertyNameCaseInsensitive = true };

    private long expectedTotal;

    public string Name => "readall";

    public int EventsPerOperation => events;

    public IReadOnlyDictionary<string, object> Settings { get; } = new Dictionary<string, object> { ["events"] = events };

    public async Task SetUpAsync(CancellationToken cancellationToken)
    {
        await LogFiller.FillAsync(database, events, StreamLength, cancellationToken);
        expectedTotal = await database.ScalarAsync<long>($"select sum((data->>'quantity')::bigint)::bigint from {database.Schema}.events", cancellationToken);
    }

    public Task OursAsync(Recorder recorder, CancellationToken until) => RunAsync(recorder, async () =>
    {
        var (count, total) = (0L, 0L);
        await foreach (var page in database.Store.ReadPagesAsync(new LogReadOptions(), CancellationToken.None))
        {
            foreach (var recorded in page.Events)
            {
                total += ((LineAdded)Orders.Serializer.Deserialize(recorded).Event).Quantity;
                count++;
            }
        }

        return (count, total);
    }, until);

    public Task FloorAsync(Recorder recorder, CancellationToken until) => RunAsync(recorder, async () =>
    {
        await using var connection = await database.DataSource.OpenConnectionAsync(CancellationToken.None);
        await using var command = new NpgsqlCommand(
            $"""
            select position, stream_name, version, event_id, type, data, metadata, recorded_at
            from {database.Schema}.events order by position
            """,
            connection);
        await command.PrepareAsync(CancellationToken.None);
        await using var row = await command.ExecuteReaderAsync(CancellationToken.None);
        var (count, total) = (0L, 0L);
        while (await row.ReadAsync(CancellationToken.None))
        {
            var read = new FloorRow(
                row.GetInt64(0),
                row.GetString(1),
                row.GetInt64(2),
                row.GetGuid(3),
                row.GetString(4) switch
                {
                    Orders.EventType => JsonSerializer.Deserialize<LineAdded>(row.GetFieldValue<byte[]>(5), Json)!,
                    var type => throw new InvalidOperationException(type),
                },
                row.IsDBNull(6) ? null : row.GetFieldValue<byte[]>(6),
                row.GetFieldValue<DateTimeOffset>(7));
            total += read.Event.Quantity;
            count++;
        }

        return (count, total);
    }, until);

    public Task VerifyAsync(long ours, long floor, CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task RunAsync(Recorder recorder, Func<Task<(long Count, long Total)>> read, CancellationToken until)
    {
        var latencies = recorder.NewWorker();
        do
        {
            var start = Stopwatch.GetTimestamp();
            var result = await read();
            latencies.Add(Stopwatch.GetTimestamp() - start);
            Verify.Equal("the log", (events, expectedTotal), result);
        }
        while (!until.IsCancellationRequested);
    }

    private sealed record FloorRow(long Position, string Stream, long Version, Guid Id, LineAdded Event, byte[]? Metadata, DateTimeOffset RecordedAt);
}
