using Npgsql;

namespace EventSourcing.PostgreSql;

/// <summary>Marten's event tables, as its documentation and its own scripts describe them, beside a store of ours.</summary>
public sealed class MartenDatabase : IAsyncDisposable
{
    private MartenDatabase(TestDatabase ours) => Ours = ours;

    /// <summary>The store that things are imported into; its log is empty.</summary>
    public TestDatabase Ours { get; }

    public string Schema => $"{Ours.SchemaName}_marten";

    public NpgsqlDataSource DataSource => Ours.DataSource;

    /// <summary>Makes the tables.</summary>
    /// <param name="id">The type of a stream's id: <c>uuid</c>, or <c>varchar</c> where the streams have keys.</param>
    /// <param name="isConjoined">Whether tenants share the tables.</param>
    /// <param name="hasMetadata">Whether the four optional columns are there.</param>
    /// <param name="isArchivedApart">Whether archived streams are in partitions of their own.</param>
    /// <param name="moreColumns">Further columns of <c>mt_events</c>.</param>
    public static async Task<MartenDatabase> CreateAsync(
        string id = "uuid", bool isConjoined = false, bool hasMetadata = true, bool isArchivedApart = false, string moreColumns = "")
    {
        var database = new MartenDatabase(await TestDatabase.CreateAsync());
        var (tenant, apart) = (isConjoined ? "tenant_id, " : "", isArchivedApart ? ", is_archived" : "");
        var partitioned = isArchivedApart ? "partition by list (is_archived)" : "";
        await database.ExecuteAsync(
            $"""
            create schema {database.Schema};
            set search_path to {database.Schema};
            create sequence mt_events_sequence;
            create table mt_streams (
              id {id} not null, type varchar, version bigint, timestamp timestamptz not null default now(),
              snapshot jsonb, snapshot_version integer, created timestamptz not null default now(),
              tenant_id varchar default '*DEFAULT*', is_archived boolean default false,
              constraint pkey_mt_streams primary key ({tenant}id{apart})) {partitioned};
            create table mt_events (
              seq_id bigint not null default nextval('mt_events_sequence'), id uuid not null, stream_id {id}, version bigint not null,
              data jsonb not null, type varchar(500) not null, timestamp timestamptz not null default now(),
              tenant_id varchar default '*DEFAULT*', mt_dotnet_type varchar,
              {(hasMetadata ? "correlation_id varchar, causation_id varchar, headers jsonb, user_name varchar," : "")}
              is_archived boolean default false, {moreColumns}
              constraint pkey_mt_events primary key (seq_id{apart})) {partitioned};
            create unique index pk_mt_events_stream_and_version on mt_events ({tenant}stream_id, version{apart});
            create table mt_event_progression (name varchar primary key, last_seq_id bigint, last_updated timestamptz default now());
            {(isArchivedApart ? """
                create table mt_streams_archived partition of mt_streams for values in (true);
                create table mt_streams_default partition of mt_streams default;
                create table mt_events_archived partition of mt_events for values in (true);
                create table mt_events_default partition of mt_events default;
                """ : "")}
            """);
        return database;
    }

    public async Task ExecuteAsync(string sql)
    {
        await using var connection = await DataSource.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand($"set search_path to {Schema}; {sql}; set search_path to default", connection);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    public Task<MartenSource> OpenAsync(Action<MartenSourceOptions>? configure = null)
    {
        var options = new MartenSourceOptions { Schema = Schema };
        configure?.Invoke(options);
        return MartenSource.OpenAsync(DataSource, options, TestContext.Current.CancellationToken);
    }

    /// <summary>Streams of some orders and customers, interleaved, without gaps in the versions, with some in the numbers.</summary>
    public Task FillAsync(int streams = 40, int length = 25) => ExecuteAsync(
        $$"""
        insert into mt_streams (id, type, version)
        select md5('stream ' || s)::uuid, case when s % 4 = 0 then 'customer' else 'order' end, {{length}} from generate_series(1, {{streams}}) s;
        insert into mt_events (seq_id, id, stream_id, version, data, type, timestamp, mt_dotnet_type)
        select 3 * ((v - 1) * {{streams}} + s), md5('event ' || s || ' ' || v)::uuid, md5('stream ' || s)::uuid, v,
          jsonb_build_object('quantity', v, 'note', repeat('x', s % 50)), case when v = 1 then 'order_placed' else 'line_added' end,
          timestamptz '2024-01-01 00:00:00.123456+00' + (s + v) * interval '1 second', 'Shop.LineAdded, Shop'
        from generate_series(1, {{streams}}) s, generate_series(1, {{length}}) v;
        """);

    public ValueTask DisposeAsync() => Ours.DisposeAsync();
}
