using EventSourcing.TestInfrastructure;
using Npgsql;

namespace EventSourcing.PostgreSql;

/// <summary>Read models under roles: several logins of one application, readers, and what was there before the roles.</summary>
public sealed class RoleReadModelTests
{
    private static readonly EventSerializer Serializer = new(new EventTypeRegistry().Add<Counted>());

    private static readonly ConsumerOptions Quick = new() { FirstRetryDelay = TimeSpan.FromMilliseconds(1), PageSize = 10 };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_one_login_has_made_another_writes_rebuilds_and_drops()
    {
        await using var database = await RoleDatabase.CreateAsync();
        var first = database.StoreFor(await database.LoginAsync(database.Roles.Application));
        var second = database.StoreFor(await database.LoginAsync(database.Roles.Application));
        var reader = await database.LoginAsync(database.Roles.Reader);
        await CountAsync(first, 1);
        await RunAsync(first);
        await CountAsync(second, 2);
        await RunAsync(second);
        (await TotalAsync(database, reader)).Should().Be((3, 3));

        await RebuildAsync(second);
        await CountAsync(first, 4);
        await RunAsync(first);
        await RebuildAsync(first);

        (await TotalAsync(database, reader)).Should().Be((7, 7));
        (await database.TryAsync(reader, "delete from {schema}_counts.counts")).Should().Be(PostgresErrorCodes.InsufficientPrivilege);
        (await database.TryAsync(reader, "create table {schema}_counts.mine (id int)")).Should().Be(PostgresErrorCodes.InsufficientPrivilege);
        (await database.Admin.ScalarAsync<string[]>($"select array_agg(distinct relowner::regrole::text) from pg_class where relnamespace in ('{database.Schema}_counts'::regnamespace, '{database.Schema}_sums'::regnamespace)"))
            .Should().Equal(database.Roles.Application);

        // What is left under load, because it was in use, goes with the next rebuild: whoever runs it.
        var last = await database.LoginAsync(database.Roles.Application);
        (await database.TryAsync(
            last, $"do $$ declare left_over name; begin for left_over in select nspname from pg_namespace where starts_with(nspname, '{database.Schema}_') loop execute format('drop schema %I cascade', left_over); end loop; end $$")).Should().BeNull();
    }

    [Fact]
    public async Task Read_models_from_before_the_roles_become_the_applications()
    {
        await using var database = await RoleDatabase.CreateAsync(isGranted: false);
        await CountAsync(database.Admin.Store, 1);
        await RunAsync(database.Admin.Store);
        await database.Admin.ExecuteAsync("create sequence {schema}_counts.numbers; create function {schema}_counts.one() returns int language sql as 'select 1'");
        await database.Admin.Store.Schema.InstallRolesAsync(database.Roles, Cancellation);
        var application = database.StoreFor(await database.LoginAsync(database.Roles.Application));
        var reader = await database.LoginAsync(database.Roles.Reader);

        await CountAsync(application, 2);
        await RunAsync(application);
        (await TotalAsync(database, reader)).Should().Be((3, 3));
        await RebuildAsync(application);

        (await TotalAsync(database, reader)).Should().Be((3, 3));
    }

    [Fact]
    public async Task A_schema_of_somebody_elses_with_such_a_name_is_left_alone()
    {
        await using var database = await RoleDatabase.CreateAsync();
        var stranger = await database.LoginAsync(role: null);
        var login = new NpgsqlConnectionStringBuilder(stranger.ConnectionString).Username;
        await database.Admin.ExecuteAsync($"create schema {{schema}}_counts authorization {login}");
        var application = database.StoreFor(await database.LoginAsync(database.Roles.Application));
        await CountAsync(application, 1);

        await FluentActions.Awaiting(() => RunAsync(application)).Should().ThrowAsync<Exception>();
        await database.Admin.Store.Schema.InstallRolesAsync(database.Roles, Cancellation);

        (await database.Admin.ScalarAsync<string>("select nspowner::regrole::text from pg_namespace where nspname = '{schema}_counts'")).Should().Be(login);
    }

    [Fact]
    public async Task A_schema_whose_name_reaches_out_of_a_statement_is_dropped_as_what_it_is()
    {
        await using var database = await RoleDatabase.CreateAsync();
        var application = database.StoreFor(await database.LoginAsync(database.Roles.Application));
        await CountAsync(application, 1);
        await RunAsync(application);
        await database.Admin.ExecuteAsync($"create schema \"{{schema}}_counts__old_9\"\";x\" authorization {database.Roles.Application}");

        for (var rebuild = 0; rebuild < 10 && await LeftAsync() > 0; rebuild++)
        {
            // What was replaced is dropped after it has been replaced; where somebody still looks at it, the next time.
            await RebuildAsync(application);
        }

        (await LeftAsync()).Should().Be(0);

        Task<long> LeftAsync() => database.Admin.ScalarAsync<long>("select count(*) from pg_namespace where starts_with(nspname, '{schema}_counts__old_9')");
    }

    [Fact]
    public async Task An_append_that_is_waited_for_is_told_of_to_other_logins_too()
    {
        await using var database = await RoleDatabase.CreateAsync();
        var first = await database.LoginAsync(database.Roles.Application);
        var store = database.StoreFor(first);
        var other = database.StoreFor(await database.LoginAsync(database.Roles.Application));
        await using var connection = await first.OpenConnectionAsync(Cancellation);
        await using var transaction = await connection.BeginTransactionAsync(Cancellation);
        await store.AppendAsync(Events.To("a-1", ExpectedVersion.NoStream, Events.New()), transaction, Cancellation);

        (await other.GetOpenAppendsAsync(Cancellation)).Should().ContainSingle();
        await other.AppendAsync("a-2", ExpectedVersion.NoStream, [Events.New()], Cancellation);
        (await other.GetHeadAsync(Cancellation)).Should().Be(new LogHead(LogPosition.Start, new LogPosition(2)));
        await transaction.CommitAsync(Cancellation);
        (await other.GetHeadAsync(Cancellation)).Final.Should().Be(new LogPosition(2));
    }

    [Fact]
    public async Task An_administrator_who_is_no_superuser_installs_everything()
    {
        var server = await PostgreSqlServer.GetAsync(Cancellation);
        var prefix = PostgreSqlServer.NewSchemaName();
        var (dba, name) = ($"{prefix}_dba", $"{prefix}_db");
        var roles = new PostgreSqlRoles { Owner = $"{prefix}_o", Maintainer = $"{prefix}_m", Application = $"{prefix}_a", Reader = $"{prefix}_r" };

        // A database is dropped with a checkpoint of the whole server, which takes its time on a busy disk.
        await using var admin = NpgsqlDataSource.Create(server.ConnectionString + ";Command Timeout=300");
        await ExecuteAsync(admin, $"create role {dba} login createrole password 'secret'");
        await ExecuteAsync(admin, $"create database {name} owner {dba}");
        try
        {
            var settings = new NpgsqlConnectionStringBuilder(server.ConnectionString) { Database = name, Username = dba, Password = "secret", Pooling = false };
            await using var source = NpgsqlDataSource.Create(settings.ConnectionString);

            // As an administrator would: both scripts by hand, twice.
            for (var i = 0; i < 2; i++)
            {
                await ExecuteAsync(source, PostgreSqlSchema.Script());
                await ExecuteAsync(source, PostgreSqlSchema.RolesScript(roles));
            }

            await ExecuteAsync(source, $"create role {prefix}_login login password 'other'; grant {roles.Application} to {prefix}_login");
            settings.Username = $"{prefix}_login";
            settings.Password = "other";
            await using var login = NpgsqlDataSource.Create(settings.ConnectionString);
            await using var store = new PostgreSqlEventStore(login);
            await CountAsync(store, 3);
            await RunAsync(store);
            await RebuildAsync(store);

            await using var total = source.CreateCommand("select sum(total)::bigint from eventsourcing_counts.counts");
            (await total.ExecuteScalarAsync(Cancellation)).Should().Be(3L);
        }
        finally
        {
            await ExecuteAsync(admin, $"drop database {name} with (force)");
            foreach (var role in new[] { $"{prefix}_login", roles.Reader, roles.Application, roles.Maintainer, roles.Owner, dba })
            {
                await ExecuteAsync(admin, $"drop role if exists {role}");
            }
        }
    }

    private static async Task ExecuteAsync(NpgsqlDataSource source, string sql)
    {
        await using var connection = await source.OpenConnectionAsync(Cancellation);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(Cancellation);
    }

    private static async Task CountAsync(PostgreSqlEventStore store, int by) =>
        await store.AppendAsync("a-1", ExpectedVersion.Any, [Serializer.Serialize(new Counted(by))], Cancellation);

    private static async Task RunAsync(PostgreSqlEventStore store) => await Runner(store).CatchUpAsync(Cancellation);

    /// <summary>A free SQL projection and views, at a version that is built beside the other.</summary>
    private static ProjectionRunner Runner(PostgreSqlEventStore store) => new(
        store,
        Serializer,
        [new CountProjection(store), new PostgreSqlViewStore(store, Serializer).Bind(new Sums())],
        Quick,
        new PostgreSqlConsumerStore(store),
        new PostgreSqlDeadLetterStore(store));

    /// <summary>Until the new read models serve.</summary>
    private static async Task RebuildAsync(PostgreSqlEventStore store)
    {
        var runner = Runner(store);
        var before = await GenerationsAsync();
        foreach (var name in new[] { "counts", "sums" })
        {
            await runner.RebuildAsync(name, Cancellation);
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        stop.CancelAfter(TimeSpan.FromSeconds(60));
        var running = runner.RunAsync(stop.Token);
        while (await GenerationsAsync() is not [var counts, var sums] || counts == before[0] || sums == before[1])
        {
            await Task.Delay(10, stop.Token);
        }

        await stop.CancelAsync();
        await ((Task)running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        async Task<int[]> GenerationsAsync() =>
            [.. (await new PostgreSqlConsumerStore(store).ReadAsync(cancellationToken: Cancellation)).Rows.OrderBy(row => row.Key.Consumer, StringComparer.Ordinal).Select(row => row.Key.Generation)];
    }

    private static async Task<(long Counts, long Sums)> TotalAsync(RoleDatabase database, NpgsqlDataSource reader)
    {
        await using var counts = reader.CreateCommand($"select sum(total)::bigint from {database.Schema}_counts.counts");
        await using var sums = reader.CreateCommand($"select sum((data->>'total')::bigint)::bigint from {database.Schema}_sums.views");
        return ((long)(await counts.ExecuteScalarAsync(Cancellation))!, (long)(await sums.ExecuteScalarAsync(Cancellation))!);
    }

    private sealed record Sum(long Total);

    private sealed class Sums : ViewProjection<Sum>
    {
        public Sums()
            : base("sums") => On<Counted>((sum, counted, _) => new Sum((sum?.Total ?? 0) + counted.By));
    }
}
