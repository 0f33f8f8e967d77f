namespace EventSourcing.Benchmarks;

/// <summary>Fills a log within the server, with rows like those that appends write, much faster than appends could.</summary>
internal static class LogFiller
{
    private const long Chunk = 500_000;

    /// <summary>Brings a log that was filled by this class alone to so many events, in streams <c>order-1</c>, <c>order-2</c> … of one
    /// length that grow at the same time: a stream's events lie scattered, as they do in real logs.</summary>
    public static async Task FillAsync(BenchmarkDatabase database, long events, int streamLength, CancellationToken cancellationToken)
    {
        var schema = database.Schema;
        var present = await database.ScalarAsync<long>($"select count(*) from {schema}.events", cancellationToken);
        while (present < events)
        {
            var upTo = Math.Min(events, present + Chunk);
            var streams = (upTo - present) / streamLength;
            await database.ExecuteAsync(
                $$"""
                begin;
                insert into {{schema}}.streams (bucket, name, version)
                select {{schema}}.stream_bucket(name), name, {{streamLength}}
                from (select 'order-' || n as name from generate_series({{present / streamLength}} + 1, {{present / streamLength}} + {{streams}}) as n) s
                order by 1, 2;
                insert into {{schema}}.events (position, bucket, stream_id, version, stream_name, event_id, category, type, data)
                select nextval('{{schema}}.event_position'), e.bucket, e.stream_id, e.v, e.name, gen_random_uuid(), 'order', '{{Orders.EventType}}',
                  ('{"quantity":' || v || ',"customer":"C-17850","note":"' || repeat('x', 106 - length(v::text)) || '"}')::json
                from (
                  select s.bucket, s.stream_id, s.name, v
                  from generate_series({{present / streamLength}} + 1, {{present / streamLength}} + {{streams}}) as n
                  join {{schema}}.streams s on s.bucket = {{schema}}.stream_bucket('order-' || n) and s.name = 'order-' || n
                  cross join generate_series(1, {{streamLength}}) as v
                  order by v, s.stream_id
                ) e;
                commit;
                """,
                cancellationToken);
            present = upTo;
        }

        await database.ExecuteAsync($"vacuum analyze {schema}.events", cancellationToken);
        await database.ExecuteAsync($"vacuum analyze {schema}.streams", cancellationToken);
        Verify.Equal("the log", events, await database.ScalarAsync<long>($"select count(*) from {schema}.events where octet_length(data::text) = 150", cancellationToken));
    }
}
