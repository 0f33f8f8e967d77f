using EventSourcing.PostgreSql;
using EventSourcing.TestInfrastructure;
using Npgsql;

namespace EventSourcing.Benchmarks;

/// <summary>A schema of its own for one run, on the server that the tests would use, and gone afterwards.</summary>
internal sealed class BenchmarkDatabase : IAsyncDisposable
{
    private BenchmarkDatabase(string connectionString, string schema)
    {
        ConnectionString = connectionString;
        DataSource = NpgsqlDataSource.Create(connectionString);
        Schema = schema;
        Store = new PostgreSqlEventStore(DataSource, new PostgreSqlOptions { Schema = schema });
    }

    public string ConnectionString { get; }

    public NpgsqlDataSource DataSource { get; }

    public string Schema { get; }

    public PostgreSqlEventStore Store { get; }

    public static async Task<BenchmarkDatabase> CreateAsync(CancellationToken cancellationToken)
    {
        var server = await PostgreSqlServer.GetAsync(cancellationToken);

        // Both sides get as many connections as they ask for.
        var connection = new NpgsqlConnectionStringBuilder(server.ConnectionString) { MaxPoolSize = 150 };
        var database = new BenchmarkDatabase(connection.ConnectionString, PostgreSqlServer.NewSchemaName());
        foreach (var setting in new[] { "fsync", "synchronous_commit", "full_page_writes" })
        {
            if (await database.ScalarAsync<string>($"show {setting}", cancellationToken) != "on")
            {
                throw new InvalidOperationException($"The server runs with {setting} off: what is measured there is not durable.");
            }
        }

        await database.Store.Schema.InstallAsync(cancellationToken);
        return database;
    }

    public async Task<T> ScalarAsync<T>(string sql, CancellationToken cancellationToken)
    {
        await using var command = DataSource.CreateCommand(sql);
        command.CommandTimeout = 600;
        return (T)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    public async Task ExecuteAsync(string sql, CancellationToken cancellationToken)
    {
        await using var command = DataSource.CreateCommand(sql);
        command.CommandTimeout = 600;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();

        // Read models have schemas of their own beside it.
        await ExecuteAsync(
            $"""
            do $$
            declare name text;
            begin
              for name in select nspname from pg_namespace where nspname = '{Schema}' or starts_with(nspname, '{Schema}_') loop
                execute format('drop schema %I cascade', name);
              end loop;
            end $$
            """,
            CancellationToken.None);
        await DataSource.DisposeAsync();
    }
}
