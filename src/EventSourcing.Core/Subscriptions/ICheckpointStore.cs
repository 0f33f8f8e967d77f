namespace EventSourcing;

/// <summary>Keeps checkpoints by name, for subscribers whose effects have no transaction to keep them in.</summary>
public interface ICheckpointStore
{
    /// <summary>The checkpoint kept under a name.</summary>
    /// <param name="name">The subscriber's name: not empty, at most 200 characters.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The checkpoint; null where none was kept.</returns>
    Task<Checkpoint?> LoadAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>Keeps a checkpoint under a name, in the place of an earlier one.</summary>
    /// <param name="name">The subscriber's name: not empty, at most 200 characters.</param>
    /// <param name="checkpoint">The checkpoint.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    Task SaveAsync(string name, Checkpoint checkpoint, CancellationToken cancellationToken = default);
}
