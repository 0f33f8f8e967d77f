using EventSourcing.TestInfrastructure;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace EventSourcing.Tenants;

public sealed class TenantsInMemoryTests : TenantSuite
{
    protected override void Keep(TenantName tenant, EventSourcingBuilder builder) => builder.UseInMemory();
}

public sealed class TenantsOfOneLogInMemoryTests : TenantSuite
{
    protected override Task PrepareAsync(IServiceCollection services)
    {
        services.AddEventSourcing().UseInMemory();
        return Task.CompletedTask;
    }

    protected override void Keep(TenantName tenant, EventSourcingBuilder builder) => builder.UseInMemory().UseSharedLog();
}

public sealed class TenantsBySchemaTests : TenantSuite
{
    private readonly TenantDatabase database = new();

    protected override Task PrepareAsync(IServiceCollection services) => database.PrepareAsync(services);

    protected override void Keep(TenantName tenant, EventSourcingBuilder builder) =>
        builder.FromHost<NpgsqlDataSource>().UsePostgreSql(configure: database.SchemaOf(tenant));

    protected override ValueTask ReleaseAsync() => database.DisposeAsync();
}

public sealed class TenantsByDatabaseTests : TenantSuite
{
    private readonly Dictionary<TenantName, string> databases = [];

    protected override async Task PrepareAsync(IServiceCollection services)
    {
        var server = await PostgreSqlServer.GetAsync(Cancellation);
        foreach (var tenant in new[] { Acme, Globex })
        {
            databases[tenant] = await server.CreateDatabaseAsync(Cancellation);
        }
    }

    protected override void Keep(TenantName tenant, EventSourcingBuilder builder) =>
        builder.UsePostgreSql(databases[tenant], options => options.InstallSchemaAtStart = true);

    protected override async ValueTask ReleaseAsync()
    {
        await using var server = NpgsqlDataSource.Create((await PostgreSqlServer.GetAsync(CancellationToken.None)).ConnectionString);
        foreach (var database in databases.Values)
        {
            await using var drop = server.CreateCommand($"drop database if exists \"{new NpgsqlConnectionStringBuilder(database).Database}\" with (force)");
            await drop.ExecuteNonQueryAsync(CancellationToken.None);
        }
    }
}

public sealed class TenantsOfOneLogTests : TenantSuite
{
    private readonly TenantDatabase database = new();

    protected override async Task PrepareAsync(IServiceCollection services)
    {
        await database.PrepareAsync(services);
        services.AddEventSourcing().UsePostgreSql(configure: options =>
        {
            options.Schema = database.Prefix;
            options.InstallSchemaAtStart = true;
        });
    }

    protected override void Keep(TenantName tenant, EventSourcingBuilder builder) =>
        builder.FromHost<NpgsqlDataSource>().UsePostgreSql(configure: database.SchemaOf(tenant)).UseSharedLog();

    protected override ValueTask ReleaseAsync() => database.DisposeAsync();
}
