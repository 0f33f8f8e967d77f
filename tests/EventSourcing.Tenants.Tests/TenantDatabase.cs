using EventSourcing.PostgreSql;
using EventSourcing.TestInfrastructure;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace EventSourcing.Tenants;

/// <summary>A data source that tenants share, and schemas with a prefix of their own.</summary>
internal sealed class TenantDatabase : IAsyncDisposable
{
    private string? connectionString;

    public string Prefix { get; } = PostgreSqlServer.NewSchemaName();

    public async Task PrepareAsync(IServiceCollection services)
    {
        connectionString = (await PostgreSqlServer.GetAsync(TestContext.Current.CancellationToken)).ConnectionString;
        services.AddSingleton(_ => NpgsqlDataSource.Create(connectionString));
    }

    public Action<PostgreSqlOptions> SchemaOf(TenantName tenant) => options =>
    {
        options.Schema = $"{Prefix}_{tenant}";
        options.InstallSchemaAtStart = true;
    };

    public ValueTask DisposeAsync() => connectionString is null ? ValueTask.CompletedTask : DropAsync();

    public async ValueTask DropAsync()
    {
        await using var server = NpgsqlDataSource.Create((await PostgreSqlServer.GetAsync(CancellationToken.None)).ConnectionString);
        var schemas = new List<string>();
        await using (var find = server.CreateCommand($"select nspname from pg_namespace where starts_with(nspname, '{Prefix}')"))
        await using (var rows = await find.ExecuteReaderAsync())
        {
            while (await rows.ReadAsync())
            {
                schemas.Add(rows.GetString(0));
            }
        }

        foreach (var schema in schemas)
        {
            await using var drop = server.CreateCommand($"drop schema if exists \"{schema}\" cascade");
            await drop.ExecuteNonQueryAsync();
        }
    }
}
