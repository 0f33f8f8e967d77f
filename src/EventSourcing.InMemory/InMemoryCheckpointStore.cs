using System.Collections.Concurrent;

namespace EventSourcing.InMemory;

/// <summary>Keeps checkpoints in memory, for tests.</summary>
public sealed class InMemoryCheckpointStore : ICheckpointStore
{
    private readonly ConcurrentDictionary<string, Checkpoint> checkpoints = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public Task<Checkpoint?> LoadAsync(string name, CancellationToken cancellationToken = default)
    {
        CheckpointName.ThrowIfInvalid(name);
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(checkpoints.TryGetValue(name, out var checkpoint) ? checkpoint : (Checkpoint?)null);
    }

    /// <inheritdoc/>
    public Task SaveAsync(string name, Checkpoint checkpoint, CancellationToken cancellationToken = default)
    {
        CheckpointName.ThrowIfInvalid(name);
        cancellationToken.ThrowIfCancellationRequested();
        checkpoints[name] = checkpoint;
        return Task.CompletedTask;
    }

    /// <summary>All of them, by name.</summary>
    internal IEnumerable<KeyValuePair<string, Checkpoint>> All => checkpoints;
}
