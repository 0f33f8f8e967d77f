using Npgsql;

namespace EventSourcing.PostgreSql;

/// <summary>What each role may do, and what it is refused, by trying.</summary>
public sealed class RoleTests
{
    private const string Refused = PostgresErrorCodes.InsufficientPrivilege;

    /// <summary>What would change, remove or forge history, whoever tries but an owner.</summary>
    private static readonly string[] Forgeries =
    [
        "update {schema}.events set data = '{}'",
        "update {schema}.events set recorded_at = now()",
        "delete from {schema}.events",
        "delete from {schema}.events_0",
        "truncate {schema}.events",
        "truncate {schema}.events, {schema}.streams cascade",
        "merge into {schema}.events e using {schema}.streams s on e.stream_id = s.stream_id when matched then delete",
        "select * from {schema}.events for update",
        "lock table {schema}.events in exclusive mode",
        "delete from {schema}.event_tags",
        "truncate {schema}.event_tags",
        "update {schema}.event_tags set tag = 'another'",
        "delete from {schema}.streams",
        "truncate {schema}.streams",
        "update {schema}.streams set name = 'another'",
        "update {schema}.streams set bucket = 1",
        "insert into {schema}.streams (bucket, name, version, stream_id) overriding system value values (1, 'forged', 1, 1)",
        "update {schema}.streams set state = 1",
        "delete from {schema}.archived_events",
        "update {schema}.archived_events set data = '{}'",
        "truncate {schema}.archived_events",
        "delete from {schema}.removed_events",
        "update {schema}.truncated_streams set first_version = 1",
        "delete from {schema}.stream_operations",
        "update {schema}.stream_operations set actor = 'another'",
        "insert into {schema}.stream_operations (operation, stream_name, version, first_version, events, actor, reason) values (3, 'a', 1, 1, 1, 'a', 'b')",
        "select {schema}.remove_events(1::smallint, 1, 100)",
        "select setval('{schema}.event_position', 1)",
        "alter sequence {schema}.event_position restart",
        "alter table {schema}.events disable trigger all",
        "alter table {schema}.events alter column data type text",
        "alter table {schema}.events drop constraint events_pkey",
        "alter table {schema}.events owner to current_user",
        "drop table {schema}.events",
        "drop index {schema}.events_position_idx",
        "drop function {schema}.append_event",
        "drop schema {schema} cascade",
        "alter schema {schema} rename to {schema}_other",
        "create table {schema}.mine (id int)",
        "create function {schema}.mine() returns int language sql as 'select 1'",
        "create or replace function {schema}.stream_bucket(name text) returns smallint language sql as 'select 1::smallint'",
        "create trigger mine before insert on {schema}.events for each row execute function suppress_redundant_updates_trigger()",
        "create rule mine as on insert to {schema}.events do instead nothing",
        "alter function {schema}.append_event security invoker",
        "grant update on {schema}.events to current_user; update {schema}.events set data = '{}'",
        "update {schema}.schema_version set version = 1000",
        "update {schema}.roles set role = current_user::regrole",
        "update {schema}.log_restores set ended_at = null",
        "insert into {schema}.log_restores (source, source_end) values ('a', 1)",
        "delete from {schema}.log_restores",
        "select {schema}.chain_streams()",
        "update {schema}.chain_starts set version = 1",
        "insert into {schema}.chain_starts values (1, 1, 1, '')",
        "create schema somewhere",
        "create schema {schema}_by_hand",
        "set role {schema}_owner",
        "alter default privileges for role {schema}_owner grant all on tables to current_user",
    ];

    /// <summary>What past the functions that append would make up events.</summary>
    private static readonly string[] DirectWrites =
    [
        "insert into {schema}.events (position, bucket, stream_id, version, stream_name, event_id, category, type, data) values (1, 1, 1, 99, 'a', gen_random_uuid(), 'a', 't', '{}')",
        "copy {schema}.events from stdin",
        "insert into {schema}.event_tags (tag, position, bucket, type) values ('a', 1, 1, 't')",
        "insert into {schema}.streams (bucket, name, version) values (1, 'forged', 5)",
        "update {schema}.streams set version = version + 1",
        "select * from {schema}.streams for update",
        "select nextval('{schema}.event_position')",
        "select * from {schema}.begin_restore('a', 1)",
        "select {schema}.end_restore(1, 1, '{}', '{}', '{}', '{}')",
        "update {schema}.log_restores set position = 0",
    ];

    private static readonly string[] Appends =
    [
        "select * from {schema}.append_event(1::smallint, 'a-1', -1, 'a', gen_random_uuid(), 't', '{}'::json, null, 5)",
        "select * from {schema}.append_stream(1::smallint, 'a-1', -1, 'a', array[gen_random_uuid()], array['t'], array['{}'::json], array[null::json], null, array[1])",
        "select * from {schema}.append_events(array[1::smallint], array['a-1'], array[-1], array[1], array[1], array[1], array[gen_random_uuid()], array['a'], array['t'], array['{}'::json], array[null::json], null, array[1], '{}', '{}', '{}', '{}')",
        "select * from {schema}.append_batch(array[1::smallint], array['a-1'], array[-1], array[1], array[1], array[1], array[1], array[gen_random_uuid()], array['a'], array['t'], array['{}'::json], array[null::json], null, array[1], '{}', '{}', '{}', '{}', '{}')",
    ];

    private static readonly string[] Maintenance =
    [
        "select * from {schema}.archive_stream('a-1', 'ada', 'why')",
        "select * from {schema}.restore_stream('a-1', 'ada', 'why')",
        "select * from {schema}.truncate_stream('a-2', 2, 0::smallint, null, false, 'ada', 'why')",
        "select * from {schema}.delete_stream('a-1', false, 'ada', 'why')",
        "select * from {schema}.unread_by(1::smallint, 1, 2)",
    ];

    private static readonly string[] Tables =
    [
        "archived_events", "truncated_streams", "removed_events", "stream_operations", "chain_starts",
        "streams", "events", "checkpoints", "snapshots", "consumers", "processes", "dead_letters", "reactor_receipts",
        "scheduled_messages", "outbox", "log_restores", "schema_version", "roles",
    ];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static string[] Reads => [.. Tables.Select(table => $"select * from {{schema}}.{table}"), "select * from {schema}.log", "select {schema}.stream_bucket('a-1')"];

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public async Task An_application_appends_through_functions_and_cannot_forge_history(int partitions)
    {
        await using var database = await RoleDatabase.CreateAsync(partitions);
        var login = await database.LoginAsync(database.Roles.Application);
        await FillAsync(database.StoreFor(login));

        foreach (var sql in (IEnumerable<string>)[.. Appends, .. Reads])
        {
            (await database.TryAsync(login, sql)).Should().BeNull(sql);
        }

        (await database.TryAsync(login, "select {schema}.forget_subject('ada')")).Should().BeNull();
        await AreRefusedAsync(database, login, [.. Forgeries, .. DirectWrites, .. Maintenance], partitions);
    }

    [Fact]
    public async Task An_application_makes_and_renames_read_models_only()
    {
        await using var database = await RoleDatabase.CreateAsync();
        var login = await database.LoginAsync(database.Roles.Application);
        await database.Admin.ExecuteAsync($"create schema {{schema}}_reports authorization {database.Roles.Owner}");
        await using var insert = login.CreateCommand(
            $"insert into {database.Schema}.consumers (name, generation, shard, shards, version, is_serving, position, epoch) values ('reports', 0, 0, 1, 1, true, 0, 1), ('reports', 1, 0, 1, 1, false, 0, 1)");
        await insert.ExecuteNonQueryAsync(Cancellation);

        (await database.TryAsync(login, "select {schema}.create_read_model('{schema}_orders')")).Should().BeNull();
        foreach (var sql in new[]
        {
            "select {schema}.create_read_model('{schema}')",
            "select {schema}.create_read_model('elsewhere')",
            "select {schema}.create_read_model('{schema}_owner_x\" authorization postgres; --'), {schema}.create_read_model('x')",

            // A schema of somebody else's, in the place of a read model; and the store itself.
            "select {schema}.promote_consumer('reports', 1, '{schema}_reports', '{schema}_reports__1', '{schema}_reports__old_1')",
            "select {schema}.promote_consumer('reports', 1, '{schema}', '{schema}_reports__1', '{schema}_reports__old_1')",
            "select {schema}.promote_consumer('reports', 1, '{schema}_x', '{schema}', '{schema}_reports__old_1')",
            "select {schema}.promote_consumer('reports', 1, '{schema}_x', 'public', '{schema}_reports__old_1')",
        })
        {
            (await database.TryAsync(login, sql)).Should().Be(Refused, sql);
        }
    }

    [Fact]
    public async Task A_reader_reads_and_writes_nothing()
    {
        await using var database = await RoleDatabase.CreateAsync();
        await FillAsync(database.StoreFor(await database.LoginAsync(database.Roles.Application)));
        var login = await database.LoginAsync(database.Roles.Reader);
        var store = database.StoreFor(login);

        (await store.ReadStreamAsync("a-1", cancellationToken: Cancellation).CountAsync(Cancellation)).Should().Be(1);
        (await store.ReadAllAsync(new LogReadOptions(), Cancellation).CountAsync(Cancellation)).Should().Be(3);
        foreach (var sql in Reads)
        {
            (await database.TryAsync(login, sql)).Should().BeNull(sql);
        }

        await AreRefusedAsync(
            database,
            login,
            [
                .. Forgeries, .. DirectWrites, .. Appends, .. Maintenance,
                .. Tables.Select(table => $"delete from {{schema}}.{table}"),
                "insert into {schema}.checkpoints (name, checkpoint) values ('a', '1')",
                "update {schema}.consumers set is_paused = true",
                "select {schema}.create_read_model('{schema}_mine')",
                "select {schema}.demote_consumer('a')",
                "select {schema}.promote_consumer('a', 1, '{schema}_a', '{schema}_a__1', '{schema}_a__old_1')",
            ]);
        (await FluentActions.Awaiting(() => store.AppendAsync("a-1", ExpectedVersion.Any, [Events.New()], Cancellation)).Should().ThrowAsync<PostgresException>())
            .Which.SqlState.Should().Be(Refused);
    }

    [Fact]
    public async Task A_maintainer_imports_too_and_cannot_change_or_remove_an_event()
    {
        await using var database = await RoleDatabase.CreateAsync();
        var login = await database.LoginAsync(database.Roles.Maintainer);
        var store = database.StoreFor(login);
        await FillAsync(store);
        StreamAppend[] history = [new("b-1", ExpectedVersion.NoStream, [Events.New(), Events.New()]), new("a-1", ExpectedVersion.At(1), [Events.New()])];

        (await store.ImportAsync(history.ToAsyncEnumerable(), cancellationToken: Cancellation)).Stored.Should().Be(3);
        (await store.ImportAsync(history.ToAsyncEnumerable(), cancellationToken: Cancellation)).AlreadyStored.Should().Be(3);
        foreach (var sql in (IEnumerable<string>)[.. Appends, .. Reads, "update {schema}.consumers set is_paused = true", "delete from {schema}.dead_letters"])
        {
            (await database.TryAsync(login, sql)).Should().BeNull(sql);
        }

        await AreRefusedAsync(database, login, Forgeries.Where(sql => !sql.Contains("for update", StringComparison.Ordinal)));
        var application = database.StoreFor(await database.LoginAsync(database.Roles.Application));
        (await FluentActions.Awaiting(() => application.ImportAsync(history.ToAsyncEnumerable(), cancellationToken: Cancellation)).Should().ThrowAsync<PostgresException>())
            .Which.SqlState.Should().Be(Refused);
    }

    [Fact]
    public async Task A_maintainer_restores_a_log_and_an_application_does_not()
    {
        await using var database = await RoleDatabase.CreateAsync();
        var source = new OneEvent();
        var application = database.StoreFor(await database.LoginAsync(database.Roles.Application));
        (await FluentActions.Awaiting(() => application.RestoreAsync(source, cancellationToken: Cancellation)).Should().ThrowAsync<PostgresException>())
            .Which.SqlState.Should().Be(Refused);
        await application.AppendAsync("a-1", ExpectedVersion.Any, [], Cancellation);

        var maintainer = database.StoreFor(await database.LoginAsync(database.Roles.Maintainer));
        (await maintainer.RestoreAsync(source, cancellationToken: Cancellation)).Stored.Should().Be(1);

        (await application.AppendAsync("a-1", ExpectedVersion.At(1), [Events.New()], Cancellation)).Position.Value.Should().Be(8);
    }

    [Fact]
    public async Task A_maintainer_maintains_streams_by_functions_alone_and_an_application_does_not()
    {
        await using var database = await RoleDatabase.CreateAsync();
        var login = await database.LoginAsync(database.Roles.Maintainer);
        var types = new EventTypeRegistry();
        var application = database.StoreFor(await database.LoginAsync(database.Roles.Application));
        await FillAsync(application);
        foreach (var sql in Maintenance)
        {
            (await database.TryAsync(login, sql)).Should().BeNull(sql);
        }

        var note = new MaintenanceNote("ada", "why");
        var refused = new PostgreSqlStreamMaintenance(application, types);
        foreach (var attempt in new Func<Task>[]
        {
            () => refused.ArchiveAsync("a-1", note, Cancellation),
            () => refused.RestoreAsync("a-1", note, Cancellation),
            () => refused.TruncateAsync("a-2", new StreamVersion(2), StreamStandIn.Summary, note, evenUnread: true, Cancellation),
            () => refused.DeleteAsync("a-1", note, evenUnread: true, Cancellation),
        })
        {
            (await attempt.Should().ThrowAsync<UnauthorizedAccessException>()).WithInnerException<PostgresException>();
        }

        (await application.ReadAllAsync(cancellationToken: Cancellation).CountAsync(Cancellation)).Should().Be(3);
        var maintenance = new PostgreSqlStreamMaintenance(database.StoreFor(login), types);
        (await maintenance.ArchiveAsync("a-1", note, Cancellation)).State.Should().Be(StreamState.Archived);
        (await maintenance.DeleteAsync("a-2", note, cancellationToken: Cancellation)).State.Should().Be(StreamState.Deleted);
        var done = await refused.ReadOperationsAsync(cancellationToken: Cancellation).ToListAsync(Cancellation);
        done.Should().HaveCount(2).And.OnlyContain(operation => operation.Login == new NpgsqlConnectionStringBuilder(login.ConnectionString).Username);
        (await application.ReadStreamsAsync(Cancellation).CountAsync(Cancellation)).Should().Be(2);
        (await application.ReadStreamAsync("a-1", cancellationToken: Cancellation).CountAsync(Cancellation)).Should().Be(1);
        (await application.FindStreamAsync("a-2", Cancellation))!.State.Should().Be(StreamState.Deleted);
        await FluentActions.Awaiting(() => application.AppendAsync("a-1", ExpectedVersion.Any, [Events.New()], Cancellation)).Should().ThrowAsync<StreamClosedException>();
    }

    [Fact]
    public async Task Who_is_a_member_of_nothing_gets_nothing()
    {
        await using var database = await RoleDatabase.CreateAsync();
        var login = await database.LoginAsync(role: null);

        await AreRefusedAsync(database, login, [.. Reads, .. Appends, .. DirectWrites, .. Forgeries, .. Maintenance]);
    }

    [Fact]
    public async Task Without_roles_the_functions_that_append_are_not_everybodys_either()
    {
        await using var database = await RoleDatabase.CreateAsync(isGranted: false);
        var login = await database.LoginAsync(role: null);
        await database.Admin.ExecuteAsync($"grant usage on schema {{schema}} to public; grant select on all tables in schema {{schema}} to public");

        await AreRefusedAsync(database, login, [.. Appends, .. Maintenance.Where(sql => !sql.Contains("unread_by", StringComparison.Ordinal))]);
    }

    [Fact]
    public async Task An_owner_migrates_and_the_roles_are_given_anew()
    {
        await using var database = await RoleDatabase.CreateAsync();
        var owner = database.StoreFor(await database.LoginAsync(database.Roles.Owner));
        var login = await database.LoginAsync(database.Roles.Application);

        // As an older version would have left it: a table and a function are not there yet.
        await database.Admin.ExecuteAsync("drop table {schema}.outbox; drop function {schema}.append_event; update {schema}.schema_version set version = 1");
        await owner.Schema.InstallAsync(Cancellation);
        (await database.TryAsync(login, "select * from {schema}.outbox")).Should().Be(Refused);
        await owner.Schema.InstallRolesAsync(database.Roles, Cancellation);
        await owner.Schema.InstallRolesAsync(database.Roles, Cancellation);

        await FillAsync(database.StoreFor(login));
        (await database.TryAsync(login, "delete from {schema}.outbox")).Should().BeNull();
        await AreRefusedAsync(database, login, [.. Forgeries, .. DirectWrites]);
        (await database.Admin.ScalarAsync<long>(
            $"select count(*) from (select relowner as o from pg_class where relnamespace = '{database.Schema}'::regnamespace and relkind in ('r', 'S') union all select proowner from pg_proc where pronamespace = '{database.Schema}'::regnamespace) owned where o <> '{database.Roles.Owner}'::regrole"))
            .Should().Be(0);
    }

    [Fact]
    public async Task Rights_that_were_given_by_hand_are_taken_back()
    {
        await using var database = await RoleDatabase.CreateAsync();
        var login = await database.LoginAsync(database.Roles.Application);
        var stranger = await database.LoginAsync(role: null);
        await database.Admin.ExecuteAsync(
            $"grant all on all tables in schema {{schema}} to {database.Roles.Application}; grant all on schema {{schema}} to public; grant update (data) on {{schema}}.events to {database.Roles.Application}, public");

        await database.Admin.Store.Schema.InstallRolesAsync(database.Roles, Cancellation);

        await AreRefusedAsync(database, login, [.. Forgeries, .. DirectWrites]);
        await AreRefusedAsync(database, stranger, Reads);
    }

    [Fact]
    public async Task Without_the_schema_it_is_said()
    {
        await using var database = await RoleDatabase.CreateAsync(isGranted: false);
        await database.Admin.ExecuteAsync("drop schema {schema} cascade");

        await FluentActions.Awaiting(() => database.Admin.Store.Schema.InstallRolesAsync(database.Roles, Cancellation)).Should().ThrowAsync<SchemaNotInstalledException>();
    }

    [Theory]
    [InlineData("public")]
    [InlineData("none")]
    [InlineData("pg_monitor")]
    [InlineData("Shop")]
    [InlineData("")]
    [InlineData("x\"; drop table events; --")]
    [InlineData("a'b")]
    public void A_name_that_would_need_quoting_or_is_everybodys_is_refused(string name)
    {
        foreach (var roles in new PostgreSqlRoles[] { new() { Owner = name }, new() { Maintainer = name }, new() { Application = name }, new() { Reader = name } })
        {
            FluentActions.Invoking(() => PostgreSqlSchema.RolesScript(roles)).Should().Throw<ArgumentException>().WithMessage("*lower-case letters*");
        }
    }

    [Fact]
    public void Two_roles_of_one_name_are_refused() =>
        FluentActions.Invoking(() => PostgreSqlSchema.RolesScript(new PostgreSqlRoles { Owner = "shop", Reader = "shop" })).Should().Throw<ArgumentException>();

    [Fact]
    public void The_script_holds_no_password_and_makes_nobody_a_login()
    {
        var script = PostgreSqlSchema.RolesScript(new PostgreSqlRoles(), "shop_events");

        script.Should().NotMatchRegex("(?i)password|\\slogin\\b").And.Contain("nologin").And.NotContain("{owner}").And.NotContain("{name}");
    }

    private static async Task FillAsync(PostgreSqlEventStore store)
    {
        await store.AppendAsync("a-1", ExpectedVersion.NoStream, [Events.New()], Cancellation);
        await store.AppendAsync("a-2", ExpectedVersion.Any, [Events.New(), Events.New()], Cancellation);
    }

    private static async Task AreRefusedAsync(RoleDatabase database, NpgsqlDataSource login, IEnumerable<string> statements, int partitions = 1)
    {
        foreach (var sql in statements.Where(sql => partitions > 1 || !sql.Contains("events_0", StringComparison.Ordinal)))
        {
            (await database.TryAsync(login, sql)).Should().Be(Refused, sql);
        }
    }

    private sealed class OneEvent : ILogSource
    {
        public string Name => "one event";

        public Task<LogPosition> GetEndAsync(CancellationToken cancellationToken = default) => Task.FromResult(new LogPosition(7));

        public IAsyncEnumerable<RecordedEvent> ReadAsync(LogPosition after, CancellationToken cancellationToken = default)
        {
            var data = Events.New();
            return new[]
            {
                new RecordedEvent
                {
                    Position = new LogPosition(7), Stream = "a-1", Version = new StreamVersion(1), Id = data.Id, Type = data.Type, Data = data.Data,
                    Metadata = data.Metadata, RecordedAt = DateTimeOffset.UtcNow,
                },
            }.ToAsyncEnumerable();
        }
    }
}
