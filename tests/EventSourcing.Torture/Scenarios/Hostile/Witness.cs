using Npgsql;

namespace EventSourcing.Torture;

/// <summary>Rows and tables that nothing is asked to touch: by plain SQL they are what they were.</summary>
internal sealed class Witness
{
    private readonly NpgsqlDataSource dataSource;
    private readonly string schema;
    private string before = string.Empty;

    private Witness(NpgsqlDataSource dataSource, string schema)
    {
        this.dataSource = dataSource;
        this.schema = schema;
    }

    private string Own => $"witness_{schema}";

    public static async Task<Witness> CreateAsync(NpgsqlDataSource dataSource, string schema)
    {
        var witness = new Witness(dataSource, schema);
        await using var command = dataSource.CreateCommand($"""
            create schema {witness.Own};
            create table {witness.Own}.events as select 1 as position;
            insert into {schema}.checkpoints (name, checkpoint) values ('witness', 'p:1');
            insert into {schema}.snapshots (bucket, stream_name, name, schema_version, version, position, state) values (1, 'witness-1', 'witness', 1, 1, 1, '1');
            insert into {schema}.dead_letters (consumer, generation, position, event_id, stream_name, type, error, attempts)
              values ('witness', 1, 1, gen_random_uuid(), 'witness-1', 't', 'e', 1);
            insert into {schema}.reactor_receipts (reactor, position, id) values ('witness', 1, gen_random_uuid());
            insert into {schema}.scheduled_messages (reactor, key, id, bucket, stream_name, version, position, type, data, due_at, next_at)
              values ('witness', 'k', gen_random_uuid(), 1, 'witness-1', 1, 1, 't', '1', now(), now());
            insert into {schema}.outbox (message_id, topic, type, body, occurred_at, parked_at, error, attempts) values (gen_random_uuid(), 'witness', 't', '1', 'x', now(), 'e', 1);
            insert into {schema}.streams (bucket, name, version) values (1, 'witness-1', 1);
            insert into {schema}.events (position, bucket, stream_id, version, stream_name, event_id, category, type, data)
              values (-1, 1, -1, 1, 'witness-1', gen_random_uuid(), 'witness', 't', '1');
            """);
        await command.ExecuteNonQueryAsync();
        witness.before = await witness.LookAsync();
        return witness;
    }

    /// <summary>Compares all of it with what it was.</summary>
    public async Task CheckAsync(Trial trial)
    {
        var now = await LookAsync();
        trial.Require(now == before, "Something was touched that nobody asked for", $"{now} instead of {before}");
        trial.Run.Checked("untouched rows and tables");
    }

    private async Task<string> LookAsync()
    {
        await using var command = dataSource.CreateCommand($"""
            select concat_ws(' ',
              (select md5(string_agg(concat_ws(',', table_schema, table_name, column_name, data_type), ';' order by table_schema, table_name, ordinal_position))
               from information_schema.columns where table_schema in ('{schema}', '{Own}')),
              (select md5(string_agg(proname || prosrc, ';' order by proname)) from pg_proc where pronamespace = '{schema}'::regnamespace),
              (select count(*) from {Own}.events),
              (select md5(string_agg(t::text, ';')) from {schema}.checkpoints t where name = 'witness'),
              (select md5(string_agg(t::text, ';')) from {schema}.snapshots t where name = 'witness'),
              (select md5(string_agg(t::text, ';')) from {schema}.dead_letters t where consumer = 'witness'),
              (select md5(string_agg(t::text, ';')) from {schema}.reactor_receipts t where reactor = 'witness'),
              (select md5(string_agg(t::text, ';')) from {schema}.scheduled_messages t where reactor = 'witness'),
              (select md5(string_agg(t::text, ';')) from {schema}.outbox t where topic = 'witness'),
              (select md5(string_agg(t::text, ';')) from {schema}.streams t where name = 'witness-1'),
              (select md5(string_agg(t::text, ';')) from {schema}.events t where category = 'witness'))
            """);
        return (string)(await command.ExecuteScalarAsync())!;
    }
}
