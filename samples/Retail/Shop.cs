using EventSourcing;
using EventSourcing.PostgreSql;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Retail.Accounts;
using Retail.Events;
using Retail.Import;
using Retail.ReadModels;
using Retail.ReadModels.InMemory;
using Retail.ReadModels.PostgreSql;

namespace Retail;

/// <summary>The application put together: the same commands and events, with the store and the read models in memory or in PostgreSQL.</summary>
public static class Shop
{
    /// <summary>The schema of the log, where no other is asked for. Each projection keeps its tables in one of its own, whose name begins with it.</summary>
    public const string Schema = "retail";

    /// <summary>Everything in memory.</summary>
    public static ServiceProvider InMemory()
    {
        var services = new ServiceCollection();
        services.AddSingleton<Importer>().AddSingleton<BulkEntry>().AddSingleton<InMemoryReadModels>();
        services.AddSingleton<IReadModels>(provider => provider.GetRequiredService<InMemoryReadModels>());
        Shared(services)
            .UseInMemory()
            .AddProjection<JournalInMemory>()
            .AddProjection<BalancesInMemory>()
            .AddProjection<SalesInMemory>()
            .AddProjection<LedgerInMemory>();
        return services.BuildServiceProvider();
    }

    /// <summary>Everything in a database; installs the log's schema where it is missing.</summary>
    public static async Task<ServiceProvider> InPostgreSqlAsync(string connectionString, string schema, CancellationToken cancellationToken)
    {
        var services = new ServiceCollection();
        services.AddSingleton<Importer>().AddSingleton<BulkEntry>()
            .AddSingleton<IReadModels>(provider => new PostgreSqlReadModels(provider.GetRequiredService<NpgsqlDataSource>(), schema));
        Shared(services)
            .UsePostgreSql(connectionString, options => options.Schema = schema)
            .AddProjection<JournalTable>()
            .AddProjection<BalancesTable>()
            .AddProjection<SalesTable>()
            .AddProjection<LedgerTable>();
        var provider = services.BuildServiceProvider();
        await provider.GetRequiredService<PostgreSqlEventStore>().Schema.InstallAsync(cancellationToken);
        return provider;
    }

    private static EventSourcingBuilder Shared(IServiceCollection services) => services
        .AddEventSourcing(options => options.Projections = new ConsumerOptions { PageSize = 5_000 })
        .AddEvent<LineSold>()
        .AddEvent<LineCancelled>()
        .AddEvent<StockAdjusted>()
        .AddEvent<BadDebtAdjusted>()
        .AddCommandHandler<EnterInvoice, EnterInvoiceHandler>();
}
