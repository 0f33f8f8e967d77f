namespace EventSourcing.Tenants;

/// <summary>The services of the application that has the tenants.</summary>
internal sealed record HostServices(TenantName Tenant, IServiceProvider Provider);
