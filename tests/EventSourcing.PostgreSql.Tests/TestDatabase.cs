using EventSourcing.TestInfrastructure;
using Npgsql;

namespace EventSourcing.PostgreSql;

/// <summary>A schema of its own on the shared server, with a store; one for each test class or test.</summary>
public sealed class TestDatabase : IAsyncLifetime
{
    private readonly List<IDisposable> stores = [];

    public string SchemaName { get; } = PostgreSqlServer.NewSchemaName();

    public string ConnectionString { get; private set; } = string.Empty;

    public NpgsqlDataSource DataSource { get; private set; } = null!;

    public PostgreSqlEventStore Store { get; private set; } = null!;

    public static async Task<TestDatabase> CreateAsync()
    {
        var database = new TestDatabase();
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

    public PostgreSqlEventStore NewStore(bool isExact = true, int maxEventBytes = 10 * 1024 * 1024)
    {
        var options = new PostgreSqlOptions { Schema = SchemaName, MaxEventBytes = maxEventBytes };
        var store = new PostgreSqlEventStore(DataSource, options, TimeProvider.System, isExact);
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

    public async ValueTask DisposeAsync()
    {
        stores.ForEach(store => store.Dispose());
        await using (var command = DataSource.CreateCommand($"drop schema if exists {SchemaName} cascade"))
        {
            await command.ExecuteNonQueryAsync();
        }

        await DataSource.DisposeAsync();
    }
}
