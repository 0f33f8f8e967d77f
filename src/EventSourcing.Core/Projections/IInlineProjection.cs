namespace EventSourcing;

/// <summary>
/// A projection that is applied in the transaction of the append itself: when the append returns, the read model shows it, and
/// where a handler fails, nothing is appended. Until it has caught up with what was there before, it runs like any other.
/// </summary>
public interface IInlineProjection : IProjection
{
    /// <summary>Called at the end of the log: catches up with the last events while appends wait for a moment, and lets appends apply
    /// it from then on. One that was built beside another takes its place.</summary>
    /// <param name="lease">The right to run it, which ends with success.</param>
    /// <param name="cancellationToken">Gives up; appends go on as before then.</param>
    /// <returns>Whether appends apply it from now on; false where an append under way did not let it.</returns>
    /// <exception cref="LeaseLostException">Somebody else runs it by now.</exception>
    /// <exception cref="EventStoreUnavailableException">The store cannot be reached.</exception>
    Task<bool> TryGoInlineAsync(ConsumerLease lease, CancellationToken cancellationToken);
}
