using System.Runtime.CompilerServices;

namespace EventSourcing;

/// <summary>Finds a tenant's own events in a log that tenants share: what <see cref="TenantLog"/> is to reads, for <see cref="AuditTrail"/>.</summary>
public sealed class TenantLookup : IEventLookup
{
    private readonly IEventLookup log;
    private readonly TenantNaming naming;

    /// <summary>Takes a tenant's part of what can be found.</summary>
    /// <param name="log">Finds events of all.</param>
    /// <param name="tenant">The tenant.</param>
    public TenantLookup(IEventLookup log, TenantName tenant)
    {
        ArgumentNullException.ThrowIfNull(log);
        this.log = log;
        naming = new TenantNaming(new TenantName(tenant.Value));
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<RecordedEvent> FindAsync(
        AuditKey key, IReadOnlyCollection<string> values, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var stored in log.FindAsync(key, values, cancellationToken).ConfigureAwait(false))
        {
            if (naming.IsOwn(stored))
            {
                yield return naming.Event(stored);
            }
        }
    }
}
