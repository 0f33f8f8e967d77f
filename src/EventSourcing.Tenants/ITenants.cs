namespace EventSourcing.Tenants;

/// <summary>The tenants of an application. All members may be called at the same time from any number of threads.</summary>
public interface ITenants
{
    /// <summary>Finds a tenant; starts it where this process has not done so yet.</summary>
    /// <remarks>However many ask for it, it is made once. What it lacks for a start, such as its database, is asked for again by the next call.</remarks>
    /// <param name="name">Its name.</param>
    /// <param name="cancellationToken">Stops waiting; the start goes on for others.</param>
    /// <returns>The tenant, ready: its schema is installed where that was asked for, and its projections and reactors are run.</returns>
    /// <exception cref="UnknownTenantException">There is no such tenant.</exception>
    /// <exception cref="EventStoreUnavailableException">Its store cannot be reached.</exception>
    /// <exception cref="ObjectDisposedException">The application has ended.</exception>
    Task<Tenant> GetAsync(TenantName name, CancellationToken cancellationToken = default);

    /// <summary>Asks the directory anew: starts who is new, and those that could not be started before; stops who is gone. A host does so
    /// by itself every <see cref="TenantsOptions.RefreshInterval"/>.</summary>
    /// <remarks>A tenant that cannot be started keeps no other from it, and does not fail this; see <see cref="List"/>.</remarks>
    /// <param name="cancellationToken">Stops waiting.</param>
    Task RefreshAsync(CancellationToken cancellationToken = default);

    /// <summary>How each tenant that this process knows stands, by name.</summary>
    IReadOnlyList<TenantStatus> List();
}
