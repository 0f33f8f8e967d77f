namespace EventSourcing.Tenants;

/// <summary>Says which tenants there are. Nothing is made for a name that is not among them, whoever asks for it.</summary>
public interface ITenantDirectory
{
    /// <summary>All tenants there are now. Asked for from time to time, and for each name that is not known yet, so it should be quick
    /// or remember its answer for a moment.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    Task<IReadOnlyCollection<TenantName>> ListAsync(CancellationToken cancellationToken = default);
}
