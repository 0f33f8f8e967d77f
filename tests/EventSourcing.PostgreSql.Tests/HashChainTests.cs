using Npgsql;

namespace EventSourcing.PostgreSql;

/// <summary>Streams are chained whichever way events come, and whoever brings them.</summary>
public sealed class HashChainTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_server_and_the_library_hash_the_same_bytes()
    {
        await using var database = await TestDatabase.CreateAsync();

        var hash = await database.ScalarAsync<byte[]>(
            """
            select {schema}.event_hash('\x0102', 'ordür-1', 7, 8000000000, '00112233-4455-6677-8899-aabbccddeeff', 'happened',
              '2026-01-31 10:00:00.123456Z', '{"ü": "\u0000"}', '{"actor":"🎉"}', array['course:c1', 'ü:1'])
            """);

        Convert.ToHexStringLower(hash).Should().Be(EventHashVector);
        (await database.ScalarAsync<byte[]>("select {schema}.event_hash(null, 'a', 1, 1, '00000000-0000-0000-0000-000000000000', 't', '1999-12-31 23:59:59.999999Z', '1', null, null)"))
            .Should().Equal(EventHash.Of(default, new RecordedEvent
            {
                Stream = "a",
                Version = new(1),
                Position = new(1),
                Id = Guid.Empty,
                Type = "t",
                RecordedAt = new DateTimeOffset(1999, 12, 31, 23, 59, 59, TimeSpan.Zero).AddTicks(9_999_990),
                Data = "1"u8.ToArray(),
                Metadata = default,
            }));
    }

    /// <summary>The same as in the tests of the library's own.</summary>
    private const string EventHashVector = "ba3b12a066ea01e043d3ebdb0908dc769a5a13a1b2cc0fa61247091ebf24a1f6";

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public async Task Appends_of_every_kind_are_chained(int partitions)
    {
        await using var database = await TestDatabase.CreateAsync(partitions);
        var store = database.Store;
        await store.Schema.InstallHashChainAsync(cancellationToken: Cancellation);
        await store.Schema.InstallHashChainAsync(cancellationToken: Cancellation);

        await store.AppendAsync("a-1", ExpectedVersion.NoStream, [Events.New()], Cancellation);
        await store.AppendAsync("a-1", ExpectedVersion.At(1), [Events.New(), Events.New()], Cancellation);
        await store.AppendAsync(new AppendRequest(Part("a-1", 3, 2), Part("b-1", 0, 3), Part("c-1", 0, 2)), Cancellation);
        await Task.WhenAll(Enumerable.Range(0, 200).Select(i => store.AppendAsync($"d-{i % 40}", ExpectedVersion.Any, [Events.New(), Events.New()], Cancellation)));
        await store.ImportAsync(new[] { Part("b-1", 3, 30), Part("e-1", 0, 20), Part("b-1", 33, 5) }.ToAsyncEnumerable(), cancellationToken: Cancellation);
        await using (var connection = await database.DataSource.OpenConnectionAsync(Cancellation))
        await using (var transaction = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, Cancellation))
        {
            await store.AppendAsync(Events.To("a-1", ExpectedVersion.Any, Events.New()), transaction, Cancellation);
            await store.AppendAsync(Events.To("a-1", ExpectedVersion.Any, Events.New()), transaction, Cancellation);
            await transaction.CommitAsync(Cancellation);
        }

        var log = await new ChainVerifier(store, new PostgreSqlHashChain(store)).VerifyLogAsync(cancellationToken: Cancellation);
        log.Breaks.Should().BeEmpty();
        (log.Events, log.Unchained).Should().Be((467, 0));
        (await database.ScalarAsync<long>("select count(*) from {schema}.log l join {schema}.log p on p.stream_id = l.stream_id and p.version = l.version - 1 where l.hash <> {schema}.event_hash(p.hash, l.stream_name, l.version, l.position, l.event_id, l.type, l.recorded_at, l.data, l.metadata, l.tags)"))
            .Should().Be(0, "SQL alone can verify, too");
    }

    [Fact]
    public async Task What_was_there_before_is_left_alone_or_chained_as_asked_for()
    {
        await using var database = await TestDatabase.CreateAsync(partitions: 2);
        var store = database.Store;
        var verifier = new ChainVerifier(store, new PostgreSqlHashChain(store));
        await store.AppendAsync("a-1", ExpectedVersion.NoStream, [Events.New(), Events.New()], Cancellation);
        await store.AppendAsync("b-1", ExpectedVersion.NoStream, [Events.New(), Events.New()], Cancellation);

        (await store.Schema.InstallHashChainAsync(cancellationToken: Cancellation)).Should().Be(0);
        await store.AppendAsync("a-1", ExpectedVersion.Any, [Events.New(), Events.New()], Cancellation);
        var begun = await verifier.VerifyAsync("a-1", cancellationToken: Cancellation);
        (begun.IsIntact, begun.Unchained, begun.Events).Should().Be((true, 2, 2));
        (await verifier.VerifyLogAsync(cancellationToken: Cancellation)).Unchained.Should().Be(4);

        (await store.Schema.InstallHashChainAsync(withWhatIsThere: true, Cancellation)).Should().Be(2);
        (await store.Schema.InstallHashChainAsync(withWhatIsThere: true, Cancellation)).Should().Be(0);
        await store.AppendAsync("b-1", ExpectedVersion.Any, [Events.New()], Cancellation);
        var log = await verifier.VerifyLogAsync(cancellationToken: Cancellation);
        (log.IsIntact, log.Unchained, log.Events).Should().Be((true, 2, 5));
    }

    [Fact]
    public async Task Archived_events_keep_their_hashes_and_so_do_restored_ones()
    {
        await using var database = await TestDatabase.CreateAsync();
        var store = database.Store;
        var verifier = new ChainVerifier(store, new PostgreSqlHashChain(store));
        await store.Schema.InstallHashChainAsync(cancellationToken: Cancellation);
        await store.AppendAsync("a-1", ExpectedVersion.NoStream, [Events.New(), Events.New(), Events.New()], Cancellation);
        var head = (await verifier.VerifyAsync("a-1", cancellationToken: Cancellation)).Head;

        await database.ExecuteAsync("with gone as (delete from {schema}.events returning *) insert into {schema}.archived_events select * from gone");
        (await verifier.VerifyAsync("a-1", head, Cancellation)).Head.Should().Be(head);
        await database.ExecuteAsync("with gone as (delete from {schema}.archived_events returning *) insert into {schema}.events select * from gone order by version desc");
        (await verifier.VerifyAsync("a-1", head, Cancellation)).Head.Should().Be(head);
        (await database.ScalarAsync<long>("select count(*) from {schema}.chain_starts")).Should().Be(0, "they were only moved");

        await store.AppendAsync("a-1", ExpectedVersion.Any, [Events.New()], Cancellation);
        (await verifier.VerifyAsync("a-1", head, Cancellation)).IsIntact.Should().BeTrue();
    }

    [Fact]
    public async Task What_the_first_event_follows_that_a_truncation_leaves_is_kept()
    {
        await using var database = await TestDatabase.CreateAsync(partitions: 2);
        await database.Store.Schema.InstallHashChainAsync(cancellationToken: Cancellation);
        await database.Store.AppendAsync("a-1", ExpectedVersion.NoStream, [.. Enumerable.Range(0, 5).Select(_ => Events.New())], Cancellation);

        await database.ExecuteAsync("delete from {schema}.events where version = 1");
        await database.ExecuteAsync("delete from {schema}.events where version <= 3");

        var chain = await new PostgreSqlHashChain(database.Store).ReadChainAsync("a-1", Cancellation).ToListAsync(Cancellation);
        chain.Select(one => one.Recorded!.Version.Value).Should().Equal(4, 5);
        EventHash.Of(chain[0].Before.Span, chain[0].Recorded!).Should().Equal(chain[0].Hash.ToArray());

        await database.ExecuteAsync("delete from {schema}.events");
        await database.Store.AppendAsync("a-1", ExpectedVersion.Any, [Events.New()], Cancellation);
        var next = await new PostgreSqlHashChain(database.Store).ReadChainAsync("a-1", Cancellation).SingleAsync(Cancellation);
        EventHash.Of(next.Before.Span, next.Recorded!).Should().Equal(next.Hash.ToArray(), "the chain goes on over what is gone");
    }

    [Fact]
    public async Task Nobody_but_an_owner_chooses_a_hash()
    {
        await using var database = await RoleDatabase.CreateAsync(partitions: 2);
        var owner = database.StoreFor(await database.LoginAsync(database.Roles.Owner));
        await owner.Schema.InstallHashChainAsync(cancellationToken: Cancellation);
        await owner.Schema.InstallAuditIndexesAsync(Cancellation);
        var application = await database.LoginAsync(database.Roles.Application);
        var maintainer = await database.LoginAsync(database.Roles.Maintainer);
        await database.StoreFor(application).AppendAsync("a-1", ExpectedVersion.NoStream, [Events.New()], Cancellation);

        // A function of theirs in the place of the server's, and a hash of their choice.
        await database.Admin.ExecuteAsync($"create schema {{schema}}_evil; grant all on schema {{schema}}_evil to public");
        await using (var connection = await maintainer.OpenConnectionAsync(Cancellation))
        {
            await using var evil = new NpgsqlCommand(
                """
                create function {schema}_evil.sha256(bytea) returns bytea language sql as $$ select '\x00'::bytea $$;
                set search_path = {schema}_evil, pg_catalog;
                insert into {schema}.events (position, bucket, stream_id, version, stream_name, event_id, category, type, data, metadata, hash)
                select nextval('{schema}.event_position'), bucket, stream_id, 2, stream_name, event_id, category, type, data, '{"actor":"m"}', '\x01' from {schema}.events;
                update {schema}.streams set version = 2;
                """.Replace("{schema}", database.Schema, StringComparison.Ordinal),
                connection);
            await evil.ExecuteNonQueryAsync(Cancellation);
        }

        await database.StoreFor(maintainer).ImportAsync(new[] { Part("a-1", 2, 3) }.ToAsyncEnumerable(), cancellationToken: Cancellation);
        var reader = database.StoreFor(await database.LoginAsync(database.Roles.Reader));
        var verified = await new ChainVerifier(reader, new PostgreSqlHashChain(reader)).VerifyLogAsync(cancellationToken: Cancellation);
        (verified.IsIntact, verified.Events).Should().Be((true, 5));
        (await new PostgreSqlEventLookup(reader).FindAsync(AuditKey.Actor, ["m"], Cancellation).CountAsync(Cancellation)).Should().Be(1);

        string[] forgeries =
        [
            "select {schema}.chain_streams()",
            "alter table {schema}.events disable trigger chain_event",
            "drop trigger chain_event on {schema}.events",
            "set session_replication_role = replica",
            "insert into {schema}.chain_starts values (1, 1, 1, '')",
            "delete from {schema}.chain_starts",
            "update {schema}.events set hash = null",
            "drop index {schema}.events_audit_actor_idx",
        ];
        foreach (var login in new[] { application, maintainer })
        {
            foreach (var sql in forgeries)
            {
                (await database.TryAsync(login, sql)).Should().Be(PostgresErrorCodes.InsufficientPrivilege, sql);
            }

            await FluentActions.Awaiting(() => database.StoreFor(login).Schema.InstallHashChainAsync(cancellationToken: Cancellation)).Should().ThrowAsync<PostgresException>();
            await FluentActions.Awaiting(() => database.StoreFor(login).Schema.InstallAuditIndexesAsync(Cancellation)).Should().ThrowAsync<PostgresException>();
        }

        await database.Admin.ExecuteAsync("drop schema {schema}_evil cascade");
    }

    [Fact]
    public async Task Without_the_schema_it_is_said()
    {
        await using var database = await TestDatabase.CreateAsync();
        await database.ExecuteAsync("drop schema {schema} cascade");

        await FluentActions.Awaiting(() => database.Store.Schema.InstallHashChainAsync(cancellationToken: Cancellation)).Should().ThrowAsync<SchemaNotInstalledException>();
        await FluentActions.Awaiting(() => database.Store.Schema.InstallAuditIndexesAsync(Cancellation)).Should().ThrowAsync<SchemaNotInstalledException>();
        await FluentActions.Awaiting(() => new PostgreSqlHashChain(database.Store).ReadChainAsync("a-1", Cancellation).ToListAsync(Cancellation).AsTask()).Should().ThrowAsync<SchemaNotInstalledException>();
    }

    private static StreamAppend Part(StreamName stream, long after, int count) =>
        new(stream, ExpectedVersion.At(after), [.. Enumerable.Range(0, count).Select(_ => Events.New())]);
}
