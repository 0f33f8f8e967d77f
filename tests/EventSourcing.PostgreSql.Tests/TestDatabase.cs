using EventSourcing.TestInfrastructure;
using Npgsql;

namespace EventSourcing.PostgreSql;

/// <summary>A schema of its own on the shared server, with a store; one for each test class or test.</summary>
public sealed class TestDatabase : IAsyncLifetime
{
    private readonly List<IDisposable> stores = [];

    /// <summary>Into how many tables the events go.</summary>
    public int Partitions { get; init; } = 1;

    public string SchemaName { get; } = PostgreSqlServer.NewSchemaName();

    public string ConnectionString { get; private set; } = string.Empty;

    public NpgsqlDataSource DataSource { get; private set; } = null!;

    public PostgreSqlEventStore Store { get; private set; } = null!;

    public static async Task<TestDatabase> CreateAsync(int partitions = 1)
    {
        var database = new TestDatabase { Partitions = partitions };
        await database.InitializeAsync();
        return database;
    }

    public async ValueTask InitializeAsync()
    {
        var server = await PostgreSqlServer.GetAsync(TestContext.Current.CancellationToken);
        ConnectionString = server.ConnectionString;
        DataSource = NpgsqlDataSource.Create(ConnectionString);
        Store = NewStore();
        await Store.Schema.InstallAsync(TestContext.Current.CancellationToken);
    }

    public PostgreSqlEventStore NewStore(bool isExact = true, int maxEventBytes = 10 * 1024 * 1024) =>
        NewStore(options => options.MaxEventBytes = maxEventBytes, isExact);

    /// <summary>A store as another process would have it: nothing is shared but the database.</summary>
    internal PostgreSqlEventStore NewStore(
        Action<PostgreSqlOptions> configure, bool isExact = true, RecentEvents? recent = null, NpgsqlDataSource? dataSource = null)
    {
        var options = new PostgreSqlOptions { Schema = SchemaName, Partitions = Partitions };
        configure(options);
        var store = new PostgreSqlEventStore(dataSource ?? DataSource, options, TimeProvider.System, isExact, recent);
        stores.Add(store);
        return store;
    }

    public async Task<T> ScalarAsync<T>(string sql)
    {
        await using var command = DataSource.CreateCommand(sql.Replace("{schema}", SchemaName, StringComparison.Ordinal));
        return (T)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }

    public async Task ExecuteAsync(string sql)
    {
        await using var command = DataSource.CreateCommand(sql.Replace("{schema}", SchemaName, StringComparison.Ordinal));
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>The plan of a statement as it stays with a connection, whatever the values.</summary>
    public async Task<string> PlanAsync(string statement, string types, string values)
    {
        await using var connection = await DataSource.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var prepare = new Npgsql.NpgsqlCommand($"set plan_cache_mode = force_generic_plan; prepare looked_at ({types}) as {statement}", connection);
        await prepare.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        await using var explain = new Npgsql.NpgsqlCommand($"explain execute looked_at ({values})", connection);
        await using var rows = await explain.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        var lines = new List<string>();
        while (await rows.ReadAsync(TestContext.Current.CancellationToken))
        {
            lines.Add(rows.GetString(0));
        }

        return string.Join('\n', lines);
    }

    public async ValueTask DisposeAsync()
    {
        stores.ForEach(store => store.Dispose());
        var schemas = new List<string> { SchemaName };
        await using (var command = DataSource.CreateCommand($"select nspname from pg_namespace where starts_with(nspname, '{SchemaName}_')"))
        await using (var rows = await command.ExecuteReaderAsync())
        {
            while (await rows.ReadAsync())
            {
                schemas.Add(rows.GetString(0));
            }
        }

        foreach (var schema in schemas)
        {
            await using var command = DataSource.CreateCommand($"drop schema if exists \"{schema.Replace("\"", "\"\"", StringComparison.Ordinal)}\" cascade");
            await command.ExecuteNonQueryAsync();
        }

        await DataSource.DisposeAsync();
    }
}
