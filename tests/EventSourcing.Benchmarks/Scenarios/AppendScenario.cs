using System.Diagnostics;
using System.Text;
using Npgsql;
using NpgsqlTypes;

namespace EventSourcing.Benchmarks;

/// <summary>
/// One event of 150 bytes per append. Floor: one prepared INSERT per append on a pooled connection, into a table with the
/// same columns, the same unique key on stream and version, and the same index on position.
/// </summary>
internal sealed class AppendScenario(BenchmarkDatabase database, int writers, bool isExisting) : IScenario
{
    private static readonly byte[] Payload = Encoding.UTF8.GetBytes($$"""{"orderId":4711,"customer":"C-17850","note":"{{new string('x', 104)}}"}""");

    private readonly long[] oursVersions = new long[writers];
    private readonly long[] floorVersions = new long[writers];
    private long streams;
    private long floorStreams = 1_000_000;

    public string Name => "append";

    public IReadOnlyDictionary<string, object> Settings { get; } =
        new Dictionary<string, object> { ["writers"] = writers, ["existing"] = isExisting };

    private string FloorTable => $"{database.Schema}.floor";

    public async Task SetUpAsync(CancellationToken cancellationToken)
    {
        Debug.Assert(Payload.Length == 150, "the event has the size that the scenario states");
        await database.ExecuteAsync(
            $"""
            create sequence {FloorTable}_position;
            create table {FloorTable} (
              position bigint not null default nextval('{FloorTable}_position'),
              bucket smallint not null,
              stream_id bigint not null,
              version bigint not null,
              stream_name text collate "C" not null,
              event_id uuid not null,
              category text collate "C" not null,
              type text collate "C" not null,
              data json not null,
              metadata json,
              recorded_at timestamptz not null default clock_timestamp(),
              primary key (bucket, stream_id, version)
            );
            create index on {FloorTable} (position);
            """,
            cancellationToken);
    }

    public Task OursAsync(Recorder recorder, CancellationToken until) => RunAsync(recorder, async writer =>
    {
        var stream = new StreamName(isExisting ? $"order-{writer}" : $"order-{Interlocked.Increment(ref streams)}");
        var expected = ExpectedVersion.At(isExisting ? oursVersions[writer] : 0);
        await database.Store.AppendAsync(
            stream, expected, [new EventData(Guid.CreateVersion7(), "order-placed", Payload)], CancellationToken.None);
        oursVersions[writer]++;
    }, until);

    public Task FloorAsync(Recorder recorder, CancellationToken until) => RunAsync(recorder, async writer =>
    {
        await using var connection = await database.DataSource.OpenConnectionAsync(CancellationToken.None);
        await using var command = new NpgsqlCommand(
            $"insert into {FloorTable} (bucket, stream_id, version, stream_name, event_id, category, type, data) values ($1, $2, $3, $4, $5, $6, $7, $8)",
            connection);
        var stream = isExisting ? writer : Interlocked.Increment(ref floorStreams);
        command.Parameters.Add(new NpgsqlParameter<short> { TypedValue = (short)(stream % 1024) });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = stream });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = isExisting ? floorVersions[writer] + 1 : 1 });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = $"order-{stream}" });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = Guid.CreateVersion7() });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = "order" });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = "order-placed" });
        command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = Payload, NpgsqlDbType = NpgsqlDbType.Json });
        await command.PrepareAsync(CancellationToken.None);
        await command.ExecuteNonQueryAsync(CancellationToken.None);
        floorVersions[writer]++;
    }, until);

    public async Task VerifyAsync(long ours, long floor, CancellationToken cancellationToken)
    {
        var payload = Encoding.UTF8.GetString(Payload);
        foreach (var (table, operations) in new[] { ($"{database.Schema}.events", ours), (FloorTable, floor) })
        {
            Verify.Equal(table, operations, await database.ScalarAsync<long>($"select count(*) from {table} where data::text = '{payload}'", cancellationToken));
            Verify.Equal(table, operations, await database.ScalarAsync<long>($"select count(distinct (stream_id, version)) from {table}", cancellationToken));
        }

        Verify.Equal("streams", ours, await database.ScalarAsync<long>($"select sum(version)::bigint from {database.Schema}.streams", cancellationToken));
    }

    private async Task RunAsync(Recorder recorder, Func<int, Task> append, CancellationToken until) =>
        await Task.WhenAll(Enumerable.Range(0, writers).Select(writer => Task.Run(
            async () =>
            {
                var latencies = recorder.NewWorker();
                while (!until.IsCancellationRequested)
                {
                    var start = Stopwatch.GetTimestamp();
                    await append(writer);
                    latencies.Add(Stopwatch.GetTimestamp() - start);
                }
            },
            CancellationToken.None)));
}
