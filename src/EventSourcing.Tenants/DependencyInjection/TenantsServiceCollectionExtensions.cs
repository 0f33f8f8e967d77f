using System.Diagnostics.CodeAnalysis;
using EventSourcing;
using EventSourcing.Tenants;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Tenants in an application: <c>services.AddEventSourcingTenants(…)</c>.</summary>
public static class TenantsServiceCollectionExtensions
{
    /// <summary>Adds tenants that are known from the beginning; see <see cref="ITenants"/>.</summary>
    /// <param name="services">The services of the application.</param>
    /// <param name="tenants">The tenants.</param>
    /// <param name="configure">Sets a tenant up as <c>AddEventSourcing()</c> does an application: events, projections, reactors, and a store. Called
    /// once for each tenant, when it is started. Of the application's services it has the clock, logging, configuration and the host's environment.</param>
    /// <param name="options">Changes how tenants are run.</param>
    /// <returns>The services.</returns>
    /// <exception cref="ArgumentException">A name is <c>default</c> or stands there twice, or an option is not valid.</exception>
    /// <exception cref="InvalidOperationException">The application has tenants already.</exception>
    public static IServiceCollection AddEventSourcingTenants(
        this IServiceCollection services,
        IReadOnlyCollection<TenantName> tenants,
        Action<TenantName, EventSourcingBuilder> configure,
        Action<TenantsOptions>? options = null)
    {
        ArgumentNullException.ThrowIfNull(tenants);
        var directory = new TenantList(tenants);
        return Add(services, configure, options, () => services.AddSingleton<ITenantDirectory>(directory));
    }

    /// <summary>Adds tenants that come and go while the application runs; see <see cref="ITenants"/>.</summary>
    /// <typeparam name="TDirectory">Says which there are.</typeparam>
    /// <param name="services">The services of the application.</param>
    /// <param name="configure">As for those that are known from the beginning.</param>
    /// <param name="options">Changes how tenants are run.</param>
    /// <returns>The services.</returns>
    /// <exception cref="ArgumentException">An option is not valid.</exception>
    /// <exception cref="InvalidOperationException">The application has tenants already.</exception>
    public static IServiceCollection AddEventSourcingTenants<
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TDirectory>(
        this IServiceCollection services,
        Action<TenantName, EventSourcingBuilder> configure,
        Action<TenantsOptions>? options = null)
        where TDirectory : class, ITenantDirectory =>
        Add(services, configure, options, () => services.AddSingleton<ITenantDirectory, TDirectory>());

    private static IServiceCollection Add(
        IServiceCollection services, Action<TenantName, EventSourcingBuilder> configure, Action<TenantsOptions>? change, Action addDirectory)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        if (services.Any(service => service.ServiceType == typeof(ITenants)))
        {
            throw new InvalidOperationException("The application has tenants already; it has one kind of them.");
        }

        var options = new TenantsOptions();
        change?.Invoke(options);
        options.Validated();
        addDirectory();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(provider => new TenantRegister(
            provider.GetRequiredService<ITenantDirectory>(), provider, configure, options, LoggerOf(provider)));
        services.AddSingleton<ITenants>(provider => provider.GetRequiredService<TenantRegister>());
        services.AddSingleton<IHostedService>(provider => new TenantsHostedService(
            provider.GetRequiredService<TenantRegister>(), options, provider.GetRequiredService<TimeProvider>(), LoggerOf(provider)));
        return services;
    }

    private static ILogger LoggerOf(IServiceProvider provider) => provider.GetService<ILoggerFactory>()?.CreateLogger("EventSourcing.Tenants") ?? NullLogger.Instance;
}
