using EventSourcing.TestInfrastructure;
using Npgsql;

namespace EventSourcing.PostgreSql;

public sealed class SchemaTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Twenty_processes_may_install_at_once()
    {
        var server = await PostgreSqlServer.GetAsync(Cancellation);
        var schema = PostgreSqlServer.NewSchemaName();
        await Task.WhenAll(Enumerable.Range(0, 20).Select(async _ =>
        {
            // A data source of its own for each: nothing but the database is shared, as between processes.
            await using var dataSource = NpgsqlDataSource.Create(server.ConnectionString);
            using var store = new PostgreSqlEventStore(dataSource, new PostgreSqlOptions { Schema = schema });
            await store.Schema.InstallAsync(Cancellation);
            await store.AppendAsync("a-1", ExpectedVersion.Any, [Events.New()], Cancellation);
        }));

        await using var dataSource = NpgsqlDataSource.Create(server.ConnectionString);
        using var store = new PostgreSqlEventStore(dataSource, new PostgreSqlOptions { Schema = schema });
        (await store.ReadStreamAsync("a-1", cancellationToken: Cancellation).CountAsync(Cancellation)).Should().Be(20);
    }

    [Fact]
    public async Task Installing_again_keeps_what_is_there()
    {
        await using var database = await TestDatabase.CreateAsync();
        await database.Store.AppendAsync("a-1", ExpectedVersion.NoStream, [Events.New()], Cancellation);

        await database.Store.Schema.InstallAsync(Cancellation);
        await database.ExecuteAsync(PostgreSqlSchema.Script(database.SchemaName));

        (await database.Store.GetHeadAsync(Cancellation)).Final.Should().Be(new LogPosition(1));
    }

    [Fact]
    public async Task The_exported_script_installs_everything()
    {
        var server = await PostgreSqlServer.GetAsync(Cancellation);
        var schema = PostgreSqlServer.NewSchemaName();
        await using var dataSource = NpgsqlDataSource.Create(server.ConnectionString);
        await using (var command = dataSource.CreateCommand(PostgreSqlSchema.Script(schema)))
        {
            await command.ExecuteNonQueryAsync(Cancellation);
        }

        using var store = new PostgreSqlEventStore(dataSource, new PostgreSqlOptions { Schema = schema });
        await store.AppendAsync("a-1", ExpectedVersion.NoStream, [Events.New()], Cancellation);
        (await store.GetHeadAsync(Cancellation)).Final.Should().Be(new LogPosition(1));
    }

    [Theory]
    [InlineData("")]
    [InlineData("Shop")]
    [InlineData("my schema")]
    [InlineData("1st")]
    [InlineData("pg_events")]
    [InlineData("a\"; drop table events; --")]
    [InlineData("a'b")]
    [InlineData("new\nline")]
    [InlineData("ends_in_newline\n")]
    [InlineData("größe")]
    [InlineData("a23456789012345678901234567890123456789012345678901234567890123_")]
    public void A_schema_name_that_would_need_quoting_is_refused(string name)
    {
        var refusal = ((Action)(() => PostgreSqlSchema.Script(name))).Should().Throw<ArgumentException>().Which;

        refusal.Message.Should().Contain("lower-case letters, digits and underscores");
    }

    [Fact]
    public async Task Without_its_schema_every_call_says_what_to_do()
    {
        var server = await PostgreSqlServer.GetAsync(Cancellation);
        await using var dataSource = NpgsqlDataSource.Create(server.ConnectionString);
        using var store = new PostgreSqlEventStore(dataSource, new PostgreSqlOptions { Schema = "never_installed" });
        var checkpoints = new PostgreSqlCheckpointStore(store);
        Func<Task>[] calls =
        [
            () => store.AppendAsync("a-1", ExpectedVersion.Any, [Events.New()], Cancellation),
            () => store.ReadStreamAsync("a-1", cancellationToken: Cancellation).CountAsync(Cancellation).AsTask(),
            () => store.ReadLogAsync(new LogReadOptions(), Cancellation),
            () => store.GetHeadAsync(Cancellation),
            () => store.WaitForAppendAsync(LogPosition.Start, Cancellation),
            () => checkpoints.LoadAsync("a", Cancellation),
            () => checkpoints.SaveAsync("a", Checkpoint.Start, Cancellation),
        ];

        foreach (var call in calls)
        {
            (await call.Should().ThrowAsync<SchemaNotInstalledException>()).Which.Message.Should().Contain("never_installed").And.Contain("InstallAsync");
        }
    }

    [Fact]
    public async Task A_schema_of_a_newer_library_is_left_alone()
    {
        await using var database = await TestDatabase.CreateAsync();
        await database.ExecuteAsync("update {schema}.schema_version set version = 1000");

        var install = () => database.Store.Schema.InstallAsync(Cancellation);

        (await install.Should().ThrowAsync<InvalidOperationException>()).Which.Message.Should().Contain("update the package");
    }

    [Fact]
    public async Task A_database_that_is_not_utf8_is_refused()
    {
        var server = await PostgreSqlServer.GetAsync(Cancellation);

        // A database is dropped with a checkpoint of the whole server, which takes its time on a busy disk.
        await using var admin = NpgsqlDataSource.Create(server.ConnectionString + ";Command Timeout=300");
        var name = $"latin_{Guid.NewGuid():N}";
        await using (var create = admin.CreateCommand($"create database {name} encoding 'LATIN1' locale 'C' template template0"))
        {
            await create.ExecuteNonQueryAsync(Cancellation);
        }

        try
        {
            await using var latin = NpgsqlDataSource.Create(
                new NpgsqlConnectionStringBuilder(server.ConnectionString) { Database = name, Pooling = false }.ConnectionString);
            using var store = new PostgreSqlEventStore(latin);
            var install = () => store.Schema.InstallAsync(Cancellation);

            (await install.Should().ThrowAsync<InvalidOperationException>()).Which.Message.Should().Contain("UTF8");
        }
        finally
        {
            await using var drop = admin.CreateCommand($"drop database {name}");
            await drop.ExecuteNonQueryAsync(Cancellation);
        }
    }
}
