using Microsoft.Extensions.DependencyInjection;

namespace EventSourcing.Tenants;

/// <summary>A tenant: a whole application of its own, in which nothing of another is to be found.</summary>
public sealed class Tenant
{
    internal Tenant(TenantName name, IServiceProvider services)
    {
        Name = name;
        Services = services;
    }

    /// <summary>Its name.</summary>
    public TenantName Name { get; }

    /// <summary>Its services: views, runners, stores, whatever was registered for it. Disposed when the tenant is removed, or with the host.</summary>
    public IServiceProvider Services { get; }

    /// <summary>Its repository.</summary>
    public IRepository Repository => Services.GetRequiredService<IRepository>();

    /// <summary>Brings commands to its handlers, each in a scope of its own.</summary>
    public ICommandDispatcher Commands => Services.GetRequiredService<ICommandDispatcher>();

    /// <summary>Its log.</summary>
    public IEventStore Store => Services.GetRequiredService<IEventStore>();
}
