namespace EventSourcing;

/// <summary>Tells which snapshots are kept, and removes them: for those who answer for what is stored.</summary>
public interface ISnapshotInventory
{
    /// <summary>The snapshots of streams, in one query.</summary>
    /// <param name="streams">The streams.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Which there are, in any order.</returns>
    /// <exception cref="EventStoreUnavailableException">The store cannot be reached.</exception>
    Task<IReadOnlyList<KeptSnapshot>> FindAsync(IReadOnlyCollection<StreamName> streams, CancellationToken cancellationToken = default);

    /// <summary>Deletes a snapshot. Nothing is lost where the stream still has all its events.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="name">The policy's name.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="EventStoreUnavailableException">The store cannot be reached.</exception>
    Task<bool> DeleteAsync(StreamName stream, string name, CancellationToken cancellationToken = default);
}
