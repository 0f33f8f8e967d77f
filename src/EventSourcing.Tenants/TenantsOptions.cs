namespace EventSourcing.Tenants;

/// <summary>How tenants are run.</summary>
public sealed class TenantsOptions
{
    /// <summary>How often a host asks which tenants there are, and tries again what could not be started; 30 seconds by default.</summary>
    public TimeSpan RefreshInterval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How many tenants are started at the same time; 1 or more, 16 by default.</summary>
    public int StartAtOnce { get; set; } = 16;

    internal TenantsOptions Validated()
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(RefreshInterval, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(StartAtOnce, 1);
        return this;
    }
}
