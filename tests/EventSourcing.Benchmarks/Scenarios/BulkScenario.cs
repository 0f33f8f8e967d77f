using System.Diagnostics;
using System.Text;
using NpgsqlTypes;

namespace EventSourcing.Benchmarks;

/// <summary>
/// Imports events of 150 bytes in streams of twenty. Floor: one binary COPY of as many rows into a table of the same columns and
/// indexes, in one transaction; it writes no streams and checks nothing.
/// </summary>
internal sealed class BulkScenario(BenchmarkDatabase database, int events) : IScenario
{
    private const int StreamLength = 20;

    private long runs;
    private long floorRuns;

    public string Name => "bulk";

    public int EventsPerOperation => events;

    public IReadOnlyDictionary<string, object> Settings { get; } = new Dictionary<string, object> { ["events"] = events };

    private string FloorTable => $"{database.Schema}.floor";

    public Task SetUpAsync(CancellationToken cancellationToken) => database.ExecuteAsync(
        $"""
        create sequence {FloorTable}_position;
        create table {FloorTable} (like {database.Schema}.events including all);
        """,
        cancellationToken);

    public Task OursAsync(Recorder recorder, CancellationToken until) => RunAsync(recorder, async () =>
    {
        var result = await database.Store.ImportAsync(Parts(++runs), cancellationToken: CancellationToken.None);
        Verify.Equal("stored events", events, result.Stored);
    }, until);

    public Task FloorAsync(Recorder recorder, CancellationToken until) => RunAsync(recorder, async () =>
    {
        await using var connection = await database.DataSource.OpenConnectionAsync(CancellationToken.None);
        var run = ++floorRuns;
        var position = (run - 1) * events;
        await using var importer = await connection.BeginBinaryImportAsync(
            $"copy {FloorTable} (position, bucket, stream_id, version, stream_name, event_id, category, type, data, metadata) from stdin (format binary)",
            CancellationToken.None);
        await foreach (var part in Parts(run))
        {
            for (var i = 0; i < part.Events.Count; i++)
            {
                var data = part.Events[i];
                var stream = (position / StreamLength) + 1;
                await importer.StartRowAsync(CancellationToken.None);
                await importer.WriteAsync(++position, NpgsqlDbType.Bigint, CancellationToken.None);
                await importer.WriteAsync((short)(stream % 1024), NpgsqlDbType.Smallint, CancellationToken.None);
                await importer.WriteAsync(stream, NpgsqlDbType.Bigint, CancellationToken.None);
                await importer.WriteAsync(i + 1L, NpgsqlDbType.Bigint, CancellationToken.None);
                await importer.WriteAsync(part.Stream.Value, NpgsqlDbType.Text, CancellationToken.None);
                await importer.WriteAsync(data.Id, NpgsqlDbType.Uuid, CancellationToken.None);
                await importer.WriteAsync("order", NpgsqlDbType.Text, CancellationToken.None);
                await importer.WriteAsync(data.Type, NpgsqlDbType.Text, CancellationToken.None);
                await importer.WriteAsync(data.Data, NpgsqlDbType.Json, CancellationToken.None);
                await importer.WriteNullAsync(CancellationToken.None);
            }
        }

        await importer.CompleteAsync(CancellationToken.None);
    }, until);

    public async Task VerifyAsync(long ours, long floor, CancellationToken cancellationToken)
    {
        foreach (var (table, operations) in new[] { ($"{database.Schema}.events", ours), (FloorTable, floor) })
        {
            Verify.Equal(table, operations * events, await database.ScalarAsync<long>($"select count(*) from {table} where octet_length(data::text) = 150", cancellationToken));
        }

        Verify.Equal("streams", ours * events, await database.ScalarAsync<long>($"select sum(version)::bigint from {database.Schema}.streams", cancellationToken));
    }

    private static async Task RunAsync(Recorder recorder, Func<Task> import, CancellationToken until)
    {
        var latencies = recorder.NewWorker();
        do
        {
            var start = Stopwatch.GetTimestamp();
            await import();
            latencies.Add(Stopwatch.GetTimestamp() - start);
        }
        while (!until.IsCancellationRequested);
    }

    /// <summary>The same input for both sides, made as it is asked for.</summary>
    private async IAsyncEnumerable<StreamAppend> Parts(long run)
    {
        var payloads = Enumerable.Range(1, StreamLength).Select(n => Encoding.UTF8.GetBytes($$"""{"quantity":{{n}},"customer":"C-17850","note":"{{new string('x', 106 - $"{n}".Length)}}"}""")).ToArray();
        for (var stream = 0; stream < events / StreamLength; stream++)
        {
            var part = new EventData[StreamLength];
            for (var i = 0; i < StreamLength; i++)
            {
                part[i] = new EventData(Guid.CreateVersion7(), Orders.EventType, payloads[i]);
            }

            yield return new StreamAppend($"order-{run}-{stream}", ExpectedVersion.NoStream, part);
        }

        await Task.CompletedTask;
    }
}
