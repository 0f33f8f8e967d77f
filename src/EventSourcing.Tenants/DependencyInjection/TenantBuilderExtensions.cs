using EventSourcing;
using EventSourcing.Tenants;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>What a tenant has of the application's.</summary>
public static class TenantBuilderExtensions
{
    /// <summary>
    /// Keeps the tenant's events in the application's own log, where it finds none but its own; see <see cref="TenantLog"/>. All else, such as
    /// positions, snapshots, read models and messages, stays in the store that is chosen for the tenant, whose log is not used.
    /// </summary>
    /// <param name="builder">The tenant's builder, whose store is chosen already: it keeps all else.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="InvalidOperationException">This is not the builder of a tenant, or its store is not chosen yet. When the tenant is
    /// started: the application has no store, or the tenant has an inline projection.</exception>
    public static EventSourcingBuilder UseSharedLog(this EventSourcingBuilder builder)
    {
        var host = HostOf(builder);
        if (!builder.Services.Any(service => service.ServiceType == typeof(IViewStore) || service.ServiceType == typeof(IConsumerStore)))
        {
            throw new InvalidOperationException("Call UsePostgreSql(…) or UseInMemory() first: what a tenant keeps beside the shared log, such as its read models, goes there.");
        }

        var log = host.Provider.GetService<IEventStore>()
            ?? throw new InvalidOperationException("The application has no event store to share: call services.AddEventSourcing() with UsePostgreSql(…) or UseInMemory(), beside its tenants.");
        builder.Services.Replace(ServiceDescriptor.Singleton<IEventStore>(new TenantLog(log, host.Tenant)));

        // What else the tenant's store can do, it can do with its own log, which is not used.
        builder.Services.RemoveAll<IStreamMaintenance>();
        builder.Services.RemoveAll<ILogRestore>();
        builder.Services.RemoveAll<IHashChain>();
        builder.Services.RemoveAll<IEventLookup>();
        if (host.Provider.GetService<IEventLookup>() is { } lookup)
        {
            builder.Services.AddSingleton<IEventLookup>(new TenantLookup(lookup, host.Tenant));
        }

        return builder;
    }

    /// <summary>Gives the tenant a service of the application: the same object, which stays the application's to dispose.</summary>
    /// <remarks>All tenants that have it can reach each other by it; it is for what knows no tenants, such as a data source of connections.</remarks>
    /// <typeparam name="TService">The service; a singleton of the application.</typeparam>
    /// <param name="builder">The tenant's builder.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="InvalidOperationException">This is not the builder of a tenant, or the application has no such service; or the service is
    /// the application's event store, which holds the events of all: see <see cref="UseSharedLog"/>.</exception>
    public static EventSourcingBuilder FromHost<TService>(this EventSourcingBuilder builder)
        where TService : class
    {
        var host = HostOf(builder);
        if (typeof(TService).IsAssignableTo(typeof(IEventStore)))
        {
            throw new InvalidOperationException("The application's event store holds the events of all tenants: call UseSharedLog() for a tenant's part of it.");
        }

        builder.Services.AddSingleton(host.Provider.GetRequiredService<TService>());
        return builder;
    }

    private static HostServices HostOf(EventSourcingBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return (HostServices?)builder.Services.FirstOrDefault(service => service.ServiceType == typeof(HostServices))?.ImplementationInstance
            ?? throw new InvalidOperationException("This is not the builder of a tenant: call it in AddEventSourcingTenants(…).");
    }
}
