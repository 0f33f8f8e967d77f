using System.Diagnostics;
using System.Globalization;
using System.Text;
using Npgsql;
using NpgsqlTypes;

namespace EventSourcing.Benchmarks;

/// <summary>
/// One event of 150 bytes with two tags per append, in a stream of its own, under the condition that no event has both tags, and none
/// the second, in a log of a million such events. Floor: the same rows without a condition, by one prepared statement per append on a
/// pooled connection, into tables of the same columns, keys, indexes and contents.
/// </summary>
internal sealed class BoundaryScenario(BenchmarkDatabase database, int writers) : IScenario
{
    private const int Stored = 1_000_000;
    private const int Courses = 10_000;

    private static readonly byte[] Payload = Encoding.UTF8.GetBytes($$"""{"orderId":4711,"customer":"C-17850","note":"{{new string('x', 104)}}"}""");

    private DecisionPoint seen = DecisionPoint.Start;
    private long students = Stored;
    private long floorStudents = Stored;

    public string Name => "dcb";

    public IReadOnlyDictionary<string, object> Settings { get; } = new Dictionary<string, object> { ["writers"] = writers, ["stored"] = Stored };

    private string Floor => $"{database.Schema}.floor";

    public async Task SetUpAsync(CancellationToken cancellationToken)
    {
        var schema = database.Schema;
        await database.ExecuteAsync(
            $$"""
            insert into {{schema}}.streams (bucket, name, version)
            select {{schema}}.stream_bucket('decision-' || n), 'decision-' || n, 1 from generate_series(1, {{Stored}}) n;
            insert into {{schema}}.events (position, bucket, stream_id, version, stream_name, event_id, category, type, data, tags)
            select nextval('{{schema}}.event_position'), s.bucket, s.stream_id, 1, s.name, gen_random_uuid(), 'decision', 'subscribed',
              '{{Encoding.UTF8.GetString(Payload)}}', array['course:' || s.stream_id % {{Courses}}, 'student:' || s.stream_id]
            from (select * from {{schema}}.streams order by stream_id) s;
            insert into {{schema}}.event_tags (tag, position, bucket, type)
            select t.tag, e.position, e.bucket, e.type from {{schema}}.events e, unnest(e.tags) as t (tag) order by e.position;

            create table {{Floor}}_streams (like {{schema}}.streams including all);
            create table {{Floor}}_events (like {{schema}}.events including all);
            create table {{Floor}}_event_tags (like {{schema}}.event_tags including all);
            insert into {{Floor}}_streams (bucket, name, version) select bucket, name, version from {{schema}}.streams order by stream_id;
            insert into {{Floor}}_events select * from {{schema}}.events order by position;
            insert into {{Floor}}_event_tags select * from {{schema}}.event_tags order by position;
            create sequence {{Floor}}_position start {{Stored + 1}};
            """,
            cancellationToken);
        foreach (var table in new[] { "streams", "events", "event_tags", "floor_streams", "floor_events", "floor_event_tags" })
        {
            await database.ExecuteAsync($"vacuum analyze {schema}.{table}", cancellationToken);
        }

        await database.ExecuteAsync("checkpoint", cancellationToken);
        seen = DecisionPoint.At((await database.Store.GetHeadAsync(cancellationToken)).Final);
        Verify.Equal("the log", Stored, seen.ReadTo.Value);
    }

    public Task OursAsync(Recorder recorder, CancellationToken until) => RunAsync(recorder, async () =>
    {
        var (course, student) = Next(ref students);
        var query = new EventQuery(new EventQueryItem { Types = ["subscribed"], Tags = [course, student] }, new EventQueryItem { Tags = [student] });
        var data = new EventData(Guid.CreateVersion7(), "subscribed", Payload, tags: [course, student]);
        var part = new StreamAppend($"decision-{data.Id}", ExpectedVersion.NoStream, [data]);
        await database.Store.AppendAsync(new AppendRequest(part) { Condition = new AppendCondition(query, seen) }, CancellationToken.None);
    }, until);

    public Task FloorAsync(Recorder recorder, CancellationToken until) => RunAsync(recorder, async () =>
    {
        var (course, student) = Next(ref floorStudents);
        await using var connection = await database.DataSource.OpenConnectionAsync(CancellationToken.None);
        await using var command = new NpgsqlCommand(
            $"""
            with stream as (
              insert into {Floor}_streams (bucket, name, version) values ($1, $2, 1) returning stream_id
            ),
            event as (
              insert into {Floor}_events (position, bucket, stream_id, version, stream_name, event_id, category, type, data, tags)
              select nextval('{Floor}_position'), $1, stream_id, 1, $2, $3, $4, $5, $6, $7 from stream
              returning position
            )
            insert into {Floor}_event_tags (tag, position, bucket, type)
            select t.tag, event.position, $1, $5 from event, unnest($7) as t (tag)
            """,
            connection);
        var id = Guid.CreateVersion7();
        var stream = new StreamName($"decision-{id}");
        command.Parameters.Add(new NpgsqlParameter<short> { TypedValue = StreamBucket.Of(stream) });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = stream.Value });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = stream.Category });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = "subscribed" });
        command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = Payload, NpgsqlDbType = NpgsqlDbType.Json });
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [course, student] });
        await command.PrepareAsync(CancellationToken.None);
        await command.ExecuteNonQueryAsync(CancellationToken.None);
    }, until);

    public async Task VerifyAsync(long ours, long floor, CancellationToken cancellationToken)
    {
        foreach (var (prefix, operations) in new[] { ($"{database.Schema}.", ours), ($"{Floor}_", floor) })
        {
            Verify.Equal(prefix + "events", Stored + operations, await database.ScalarAsync<long>($"select count(*) from {prefix}events where cardinality(tags) = 2", cancellationToken));
            Verify.Equal(prefix + "streams", Stored + operations, await database.ScalarAsync<long>($"select count(*) from {prefix}streams", cancellationToken));
            Verify.Equal(prefix + "event_tags", 2 * (Stored + operations), await database.ScalarAsync<long>($"select count(*) from {prefix}event_tags", cancellationToken));
            Verify.Equal(
                "students of " + prefix,
                Stored + operations,
                await database.ScalarAsync<long>($"select count(distinct tag) from {prefix}event_tags where tag like 'student:%'", cancellationToken));
        }
    }

    // No two appends share a student, and few that run at the same time share a course.
    private static (string Course, string Student) Next(ref long students)
    {
        var number = Interlocked.Increment(ref students);
        return (string.Create(CultureInfo.InvariantCulture, $"course:{number % Courses}"), string.Create(CultureInfo.InvariantCulture, $"student:{number}"));
    }

    private async Task RunAsync(Recorder recorder, Func<Task> append, CancellationToken until) =>
        await Task.WhenAll(Enumerable.Range(0, writers).Select(_ => Task.Run(
            async () =>
            {
                var latencies = recorder.NewWorker();
                while (!until.IsCancellationRequested)
                {
                    var start = Stopwatch.GetTimestamp();
                    await append();
                    latencies.Add(Stopwatch.GetTimestamp() - start);
                }
            },
            CancellationToken.None)));
}
