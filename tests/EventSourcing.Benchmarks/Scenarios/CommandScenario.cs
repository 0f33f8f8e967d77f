using System.Diagnostics;
using System.Text.Json;
using Npgsql;
using NpgsqlTypes;

namespace EventSourcing.Benchmarks;

/// <summary>
/// Loads a stream of 10 to 100 events, decides on its state, appends one event. Each writer has eight streams at hand and takes
/// fresh ones when those have grown to 100 events. The repository is that of an application: with a cache, checked against the
/// store at each load, or not until the append (optimistic), or without one (cold). Floor: a prepared SELECT, deserialized and
/// folded by hand, and a prepared INSERT, on one pooled connection, on tables with the same columns, keys and events.
/// </summary>
internal sealed class CommandScenario(BenchmarkDatabase database, int writers, bool isOptimistic, bool isCold, TimeSpan time) : IScenario
{
    private const int Shortest = 10;
    private const int Longest = 100;
    private const int AtHand = 8;

    // More than any machine that this runs on gets through; running out is an error.
    private const int StreamsPerSecond = 400;
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, PropertyNameCaseInsensitive = true };

    private readonly Repository repository = new(
        database.Store, Orders.Serializer, cache: isCold ? null : new StreamCacheOptions { IsOptimistic = isOptimistic });

    private readonly int streams = (writers * AtHand) + (int)((time.TotalSeconds + 2) * StreamsPerSecond);
    // Which streams each writer of a side has at hand, with their versions, and which are still untouched.
    private readonly Hands ours = new(writers);
    private readonly Hands floor = new(writers);
    private (short Bucket, long Id)[] floorStreams = [];

    public string Name => "command";

    public IReadOnlyDictionary<string, object> Settings { get; } =
        new Dictionary<string, object> { ["writers"] = writers, ["optimistic"] = isOptimistic, ["cold"] = isCold };

    private string FloorTable => $"{database.Schema}.floor";

    public async Task SetUpAsync(CancellationToken cancellationToken)
    {
        await Parallel.ForAsync(0, streams, new ParallelOptions { MaxDegreeOfParallelism = 32, CancellationToken = cancellationToken }, async (i, token) =>
            await OrderStreams.AppendAsync(database.Store, Stream(i), Shortest, token));
        await database.ExecuteAsync(
            $"""
            create sequence {FloorTable}_position start 1000000;
            create table {FloorTable} (like {database.Schema}.events including all);
            alter table {FloorTable} alter position set default nextval('{FloorTable}_position');
            insert into {FloorTable} select * from {database.Schema}.events;
            """,
            cancellationToken);
        await database.ExecuteAsync("vacuum analyze", cancellationToken);
        var ids = new (short, long)[streams];
        await using var command = database.DataSource.CreateCommand($"select bucket, stream_id, substr(name, 7)::integer from {database.Schema}.streams");
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken))
        {
            ids[row.GetInt32(2)] = (row.GetInt16(0), row.GetInt64(1));
        }

        floorStreams = ids;
    }

    public Task OursAsync(Recorder recorder, CancellationToken until) => RunAsync(recorder, ours, async (i, _) =>
    {
        var result = await repository.ExecuteAsync(
            Stream(i), Orders.Fold, state => [Orders.Line(state.Lines + 1)], cancellationToken: CancellationToken.None);
        return result.Streams[0].Version.Value;
    }, until);

    public Task FloorAsync(Recorder recorder, CancellationToken until) => RunAsync(recorder, floor, async (i, metadata) =>
    {
        await using var connection = await database.DataSource.OpenConnectionAsync(CancellationToken.None);
        var state = default(OrderState);
        await using (var load = new NpgsqlCommand($"select type, data from {FloorTable} where bucket = $1 and stream_id = $2 order by version", connection))
        {
            load.Parameters.Add(new NpgsqlParameter<short> { TypedValue = floorStreams[i].Bucket });
            load.Parameters.Add(new NpgsqlParameter<long> { TypedValue = floorStreams[i].Id });
            await load.PrepareAsync(CancellationToken.None);
            await using var row = await load.ExecuteReaderAsync(CancellationToken.None);
            while (await row.ReadAsync(CancellationToken.None))
            {
                object @event = row.GetString(0) switch
                {
                    Orders.EventType => JsonSerializer.Deserialize<LineAdded>(row.GetFieldValue<byte[]>(1), Json)!,
                    var type => throw new InvalidOperationException(type),
                };
                state = Orders.Evolve(state, @event);
            }
        }

        await using var append = new NpgsqlCommand(
            $"insert into {FloorTable} (bucket, stream_id, version, stream_name, event_id, category, type, data, metadata) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            connection);
        append.Parameters.Add(new NpgsqlParameter<short> { TypedValue = floorStreams[i].Bucket });
        append.Parameters.Add(new NpgsqlParameter<long> { TypedValue = floorStreams[i].Id });
        append.Parameters.Add(new NpgsqlParameter<long> { TypedValue = state.Lines + 1 });
        append.Parameters.Add(new NpgsqlParameter<string> { TypedValue = Stream(i) });
        append.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = Guid.CreateVersion7() });
        append.Parameters.Add(new NpgsqlParameter<string> { TypedValue = "order" });
        append.Parameters.Add(new NpgsqlParameter<string> { TypedValue = Orders.EventType });
        append.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = JsonSerializer.SerializeToUtf8Bytes(Orders.Line(state.Lines + 1), Json), NpgsqlDbType = NpgsqlDbType.Json });
        append.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = metadata, NpgsqlDbType = NpgsqlDbType.Json });
        await append.PrepareAsync(CancellationToken.None);
        await append.ExecuteNonQueryAsync(CancellationToken.None);
        return state.Lines + 1;
    }, until);

    public async Task VerifyAsync(long ours, long floor, CancellationToken cancellationToken)
    {
        foreach (var (table, operations) in new[] { ($"{database.Schema}.events", ours), (FloorTable, floor) })
        {
            Verify.Equal(table, ((long)streams * Shortest) + operations, await database.ScalarAsync<long>($"select count(*) from {table} where octet_length(data::text) = 150", cancellationToken));

            // Each decision was made on all that came before it.
            Verify.Equal($"wrong events in {table}", 0L, await database.ScalarAsync<long>($"select count(*) from {table} where (data->>'quantity')::bigint <> version", cancellationToken));
        }
    }

    private static string Stream(int i) => $"order-{i}";

    private async Task RunAsync(Recorder recorder, Hands hands, Func<int, byte[], Task<long>> execute, CancellationToken until) =>
        await Task.WhenAll(Enumerable.Range(0, writers).Select(writer => Task.Run(
            async () =>
            {
                var latencies = recorder.NewWorker();
                var command = Guid.NewGuid();
                var metadata = JsonSerializer.SerializeToUtf8Bytes(new { commandId = command, correlationId = command, causationId = command });
                for (var turn = 0; !until.IsCancellationRequested; turn++)
                {
                    var (stream, version) = hands.Of(writer, turn % AtHand, streams);
                    var start = Stopwatch.GetTimestamp();
                    var reached = await execute(stream, metadata);
                    latencies.Add(Stopwatch.GetTimestamp() - start);
                    Verify.Equal(Stream(stream), version + 1, reached);
                    hands.Reached(writer, turn % AtHand, reached);
                }
            },
            CancellationToken.None)));

    private sealed class Hands
    {
        private readonly (int Stream, long Version)[,] atHand;
        private int untouched;

        public Hands(int writers)
        {
            atHand = new (int, long)[writers, AtHand];
            for (var writer = 0; writer < writers; writer++)
            {
                for (var slot = 0; slot < AtHand; slot++)
                {
                    atHand[writer, slot] = (untouched++, Shortest);
                }
            }
        }

        public (int Stream, long Version) Of(int writer, int slot, int streams)
        {
            ref var hand = ref atHand[writer, slot];
            if (hand.Version >= Longest)
            {
                hand = (Interlocked.Increment(ref untouched) - 1, Shortest);
                if (hand.Stream >= streams)
                {
                    throw new InvalidOperationException("There are no more streams to write to: raise StreamsPerSecond.");
                }
            }

            return hand;
        }

        public void Reached(int writer, int slot, long version) => atHand[writer, slot].Version = version;
    }
}
