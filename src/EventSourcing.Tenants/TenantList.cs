namespace EventSourcing.Tenants;

/// <summary>The tenants that were named when the application was set up.</summary>
internal sealed class TenantList : ITenantDirectory
{
    private readonly IReadOnlyCollection<TenantName> names;

    /// <summary>Checks and keeps the names.</summary>
    /// <exception cref="ArgumentException">A name is <c>default</c>, or stands there twice.</exception>
    public TenantList(IReadOnlyCollection<TenantName> names)
    {
        foreach (var name in names)
        {
            if (name == default)
            {
                throw new ArgumentException("default(TenantName) names no tenant.", nameof(names));
            }
        }

        this.names = [.. names.Distinct()];
        if (this.names.Count != names.Count)
        {
            throw new ArgumentException("A tenant is named twice.", nameof(names));
        }
    }

    public Task<IReadOnlyCollection<TenantName>> ListAsync(CancellationToken cancellationToken = default) => Task.FromResult(names);
}
