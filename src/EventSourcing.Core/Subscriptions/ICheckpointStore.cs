namespace EventSourcing;

/// <summary>Keeps checkpoints by name, for subscribers whose effects have no transaction to keep them in.</summary>
public interface ICheckpointStore
{
    /// <summary>The checkpoint kept under a name.</summary>
    /// <param name="name">The subscriber's name: not empty, at most 200 characters.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The checkpoint; null where none was kept.</returns>
    /// <exception cref="ArgumentException">The name is none, see <see cref="CheckpointName"/>.</exception>
    /// <exception cref="FormatException">What is kept is not the text of a checkpoint.</exception>
    /// <exception cref="EventStoreUnavailableException">The store cannot be reached.</exception>
    Task<Checkpoint?> LoadAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>Keeps a checkpoint under a name, in the place of an earlier one.</summary>
    /// <param name="name">The subscriber's name: not empty, at most 200 characters.</param>
    /// <param name="checkpoint">The checkpoint.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="ArgumentException">The name is none, see <see cref="CheckpointName"/>.</exception>
    /// <exception cref="EventStoreUnavailableException">The store cannot be reached.</exception>
    Task SaveAsync(string name, Checkpoint checkpoint, CancellationToken cancellationToken = default);
}
