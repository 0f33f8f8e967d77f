using System.Diagnostics;
using EventSourcing.PostgreSql;
using Npgsql;

namespace EventSourcing.Benchmarks;

/// <summary>
/// Imports the tables of Marten or of Message DB, filled with events of some 150 bytes in streams of twenty, interleaved. Floor: one SELECT of
/// the same rows in order, whose columns are read and dropped: what no import is faster than.
/// </summary>
internal sealed class MigrateScenario(BenchmarkDatabase database, int events, bool isMessageDb) : IScenario
{
    private const int StreamLength = 20;

    private readonly string source = $"{database.Schema}_{(isMessageDb ? "message_db" : "marten")}";

    public string Name => "migrate";

    public int EventsPerOperation => events;

    public IReadOnlyDictionary<string, object> Settings { get; } =
        new Dictionary<string, object> { ["events"] = events, ["from"] = isMessageDb ? "Message DB" : "Marten" };

    public Task SetUpAsync(CancellationToken cancellationToken) => database.ExecuteAsync(isMessageDb ? MessageDb : Marten, cancellationToken);

    public Task OursAsync(Recorder recorder, CancellationToken until) => RunAsync(recorder, async () =>
    {
        await database.ExecuteAsync($"truncate {database.Schema}.events, {database.Schema}.streams, {database.Schema}.event_tags, {database.Schema}.log_restores", CancellationToken.None);
        ILogSource log = isMessageDb
            ? await MessageDbSource.OpenAsync(database.DataSource, new MessageDbSourceOptions { Schema = source })
            : await MartenSource.OpenAsync(database.DataSource, new MartenSourceOptions { Schema = source });
        var reached = await database.Store.RestoreAsync(log, cancellationToken: CancellationToken.None);
        Verify.Equal("stored events", events, reached.Stored);
    }, until);

    public Task FloorAsync(Recorder recorder, CancellationToken until) => RunAsync(recorder, async () =>
    {
        await using var command = database.DataSource.CreateCommand(isMessageDb
            ? $"select global_position, stream_name, position, id, type, time, data, metadata from {source}.messages order by global_position"
            : $"""
              select e.seq_id, e.stream_id, s.type, e.version, e.id, e.type, e.timestamp, e.data, e.mt_dotnet_type, e.correlation_id, e.headers
              from {source}.mt_events e join {source}.mt_streams s on s.id = e.stream_id order by e.seq_id
              """);
        await using var row = await command.ExecuteReaderAsync(CancellationToken.None);
        var values = new object[row.FieldCount];
        var count = 0;
        while (await row.ReadAsync(CancellationToken.None))
        {
            row.GetValues(values);
            count++;
        }

        Verify.Equal("read rows", events, count);
    }, until);

    public async Task VerifyAsync(long ours, long floor, CancellationToken cancellationToken)
    {
        Verify.Equal("stored rows", events, await database.ScalarAsync<long>($"select count(*) from {database.Schema}.events", cancellationToken));
        Verify.Equal("streams", events, await database.ScalarAsync<long>($"select sum(version)::bigint from {database.Schema}.streams", cancellationToken));
        Verify.Equal("last position", events, await database.ScalarAsync<long>($"select max(position) from {database.Schema}.events", cancellationToken));
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

    private string Payload => "jsonb_build_object('quantity', v, 'customer', 'C-17850', 'note', repeat('x', 90))";

    private string Marten => $"""
        create schema {source};
        create table {source}.mt_streams (
          id uuid primary key, type varchar, version bigint, timestamp timestamptz not null default now(), created timestamptz not null default now(),
          tenant_id varchar default '*DEFAULT*', is_archived boolean default false);
        create table {source}.mt_events (
          seq_id bigint primary key, id uuid not null, stream_id uuid references {source}.mt_streams on delete cascade, version bigint not null, data jsonb not null,
          type varchar(500) not null, timestamp timestamptz not null default now(), tenant_id varchar default '*DEFAULT*', mt_dotnet_type varchar,
          correlation_id varchar, causation_id varchar, headers jsonb, user_name varchar, is_archived boolean default false);
        create unique index pk_mt_events_stream_and_version on {source}.mt_events (stream_id, version);
        insert into {source}.mt_streams (id, type, version) select md5(s::text)::uuid, 'order', {StreamLength} from generate_series(1, {events / StreamLength}) s;
        insert into {source}.mt_events (seq_id, id, stream_id, version, data, type, mt_dotnet_type, correlation_id, headers)
        select (v - 1) * {events / StreamLength} + s, gen_random_uuid(), md5(s::text)::uuid, v, {Payload}, 'line_added', 'Shop.Orders.LineAdded, Shop', md5('c' || s), '{"{\"region\": \"eu\"}"}'
        from generate_series(1, {StreamLength}) v, generate_series(1, {events / StreamLength}) s order by 1;
        analyze {source}.mt_streams, {source}.mt_events;
        """;

    private string MessageDb => $"""
        create schema {source};
        create table {source}.messages (
          global_position bigserial primary key, position bigint not null, time timestamp without time zone default (now() at time zone 'utc') not null,
          stream_name text not null, type text not null, data jsonb, metadata jsonb, id uuid not null default gen_random_uuid());
        create unique index messages_id on {source}.messages (id);
        create unique index messages_stream on {source}.messages (stream_name, position);
        insert into {source}.messages (position, stream_name, type, data, metadata)
        select v - 1, 'order-' || s, 'LineAdded', {Payload}, jsonb_build_object('correlationStreamName', 'cart-' || s, 'causationMessageStreamName', 'cart-' || s, 'causationMessagePosition', v)
        from generate_series(1, {StreamLength}) v, generate_series(1, {events / StreamLength}) s;
        analyze {source}.messages;
        """;
}
