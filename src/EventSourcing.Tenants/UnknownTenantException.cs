namespace EventSourcing.Tenants;

/// <summary>There is no such tenant; nothing was made for it.</summary>
public sealed class UnknownTenantException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="tenant">The name.</param>
    public UnknownTenantException(TenantName tenant)
        : base($"There is no tenant '{tenant}'. Which there are is said by the application's {nameof(ITenantDirectory)}.") =>
        Tenant = tenant;

    /// <summary>The name.</summary>
    public TenantName Tenant { get; }
}
