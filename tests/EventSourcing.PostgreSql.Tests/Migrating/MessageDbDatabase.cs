using Npgsql;

namespace EventSourcing.PostgreSql;

/// <summary>Message DB's table, as its documentation describes it, beside a store of ours.</summary>
public sealed class MessageDbDatabase : IAsyncDisposable
{
    private MessageDbDatabase(TestDatabase ours) => Ours = ours;

    /// <summary>The store that things are imported into; its log is empty.</summary>
    public TestDatabase Ours { get; }

    public string Schema => $"{Ours.SchemaName}_messages";

    public NpgsqlDataSource DataSource => Ours.DataSource;

    public static async Task<MessageDbDatabase> CreateAsync()
    {
        var database = new MessageDbDatabase(await TestDatabase.CreateAsync());
        await database.ExecuteAsync(
            $"""
            create schema {database.Schema};
            set search_path to {database.Schema};
            create table messages (
              global_position bigserial not null,
              position bigint not null,
              time timestamp without time zone default (now() at time zone 'utc') not null,
              stream_name text not null,
              type text not null,
              data jsonb,
              metadata jsonb,
              id uuid not null default gen_random_uuid());
            alter table messages add primary key (global_position) not deferrable initially immediate;
            create unique index messages_id on messages (id);
            create unique index messages_stream on messages (stream_name, position);
            """);
        return database;
    }

    public async Task ExecuteAsync(string sql)
    {
        await using var connection = await DataSource.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand($"set search_path to {Schema}; {sql}; set search_path to default", connection);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    public Task<MessageDbSource> OpenAsync(Action<MessageDbSourceOptions>? configure = null)
    {
        var options = new MessageDbSourceOptions { Schema = Schema };
        configure?.Invoke(options);
        return MessageDbSource.OpenAsync(DataSource, options, TestContext.Current.CancellationToken);
    }

    /// <summary>Streams of accounts, interleaved.</summary>
    public Task FillAsync(int streams = 40, int length = 25) => ExecuteAsync(
        $$"""
        insert into messages (global_position, position, time, stream_name, type, data, metadata, id)
        select 2 * (p * {{streams}} + s), p, timestamp '2024-01-01 00:00:00.123456' + (s + p) * interval '1 second', 'account-' || s, 'Deposited',
          jsonb_build_object('amount', p, 'note', repeat('x', s % 50)), jsonb_build_object('correlationStreamName', 'transfer-' || s), md5('message ' || s || ' ' || p)::uuid
        from generate_series(1, {{streams}}) s, generate_series(0, {{length}} - 1) p;
        """);

    public ValueTask DisposeAsync() => Ours.DisposeAsync();
}
