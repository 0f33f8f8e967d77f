namespace EventSourcing.PostgreSql;

/// <summary>Events are looked up along indexes where these were asked for, in tables of every size.</summary>
public sealed class AuditIndexTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(AuditKey.EventId, "audit_event_idx", 1)]
    [InlineData(AuditKey.CommandId, "audit_command_idx", 1)]
    [InlineData(AuditKey.CorrelationId, "audit_correlation_idx", 1)]
    [InlineData(AuditKey.CausationId, "audit_causation_idx", 3)]
    [InlineData(AuditKey.Actor, "audit_actor_idx", 3)]
    public async Task Both_tables_are_looked_through_along_an_index_once_it_is_there(AuditKey key, string index, int partitions)
    {
        await using var database = await TestDatabase.CreateAsync(partitions);
        var types = key == AuditKey.EventId ? "uuid[], bigint, bigint" : "text[], bigint, bigint";
        var values = key == AuditKey.EventId ? "array[gen_random_uuid()], 0, 500" : "array['a'], 0, 500";
        var statement = PostgreSqlEventLookup.Statement(new SchemaName(database.SchemaName), key);

        (await database.PlanAsync(statement, types, values)).Should().NotContain("audit_");
        await database.Store.Schema.InstallAuditIndexesAsync(Cancellation);
        var plan = await database.PlanAsync(statement, types, values);

        foreach (var table in partitions == 1 ? ["events"] : await PartitionsAsync(database))
        {
            plan.Should().MatchRegex($@"Index Scan using {table}_{index}|Bitmap Index Scan on {table}_{index}", table);
        }

        plan.Should().MatchRegex($@"(using|on) archived_events_{index}").And.NotContain("Seq Scan on");
    }

    [Fact]
    public async Task An_attempt_that_was_broken_off_is_made_good_and_further_calls_do_nothing()
    {
        await using var database = await TestDatabase.CreateAsync(partitions: 2);
        await database.Store.Schema.InstallAuditIndexesAsync(Cancellation);
        await database.ExecuteAsync("drop index {schema}.events_audit_actor_idx");
        await database.ExecuteAsync("create index archived_events_broken on {schema}.archived_events (event_id)");
        await database.ExecuteAsync("update pg_index set indisvalid = false where indexrelid = '{schema}.archived_events_audit_event_idx'::regclass");

        await Task.WhenAll(database.Store.Schema.InstallAuditIndexesAsync(Cancellation), database.NewStore().Schema.InstallAuditIndexesAsync(Cancellation));

        (await database.ScalarAsync<long>("select count(*) from pg_index i join pg_class c on c.oid = i.indexrelid where c.relnamespace = '{schema}'::regnamespace and c.relname like '%_audit_%'"))
            .Should().Be(5 * (1 + 2 + 1));
        (await database.ScalarAsync<long>("select count(*) from pg_index i join pg_class c on c.oid = i.indexrelid where c.relnamespace = '{schema}'::regnamespace and not i.indisvalid"))
            .Should().Be(0);
    }

    [Fact]
    public async Task Archived_events_are_found_as_well()
    {
        await using var database = await TestDatabase.CreateAsync();
        var data = new EventData(Guid.CreateVersion7(), "happened", "{}"u8.ToArray(), """{"actor":"clerk-7"}"""u8.ToArray());
        await database.Store.AppendAsync("a-1", ExpectedVersion.NoStream, [data], Cancellation);
        await database.ExecuteAsync("with gone as (delete from {schema}.events returning *) insert into {schema}.archived_events select * from gone");

        (await new PostgreSqlEventLookup(database.Store).FindAsync(AuditKey.Actor, ["clerk-7"], Cancellation).SingleAsync(Cancellation)).Id.Should().Be(data.Id);
    }

    private static async Task<string[]> PartitionsAsync(TestDatabase database) =>
        await database.ScalarAsync<string[]>("select array_agg(c.relname::text) from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = '{schema}.events'::regclass");
}
