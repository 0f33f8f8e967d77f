using System.Collections.Concurrent;

namespace EventSourcing.InMemory;

/// <summary>Keeps snapshots in memory, for tests.</summary>
public sealed class InMemorySnapshotStore : ISnapshotStore, ISnapshotInventory
{
    private readonly ConcurrentDictionary<(StreamName Stream, string Name), StoredSnapshot> snapshots = new();

    /// <inheritdoc/>
    public Task<StoredSnapshot?> LoadAsync(StreamName stream, string name, CancellationToken cancellationToken = default)
    {
        _ = stream.Value;
        CheckpointName.ThrowIfInvalid(name);
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(snapshots.GetValueOrDefault((stream, name)));
    }

    /// <inheritdoc/>
    public Task SaveAsync(StoredSnapshot snapshot, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        _ = snapshot.Stream.Value;
        CheckpointName.ThrowIfInvalid(snapshot.Name);
        cancellationToken.ThrowIfCancellationRequested();
        snapshots.AddOrUpdate(
            (snapshot.Stream, snapshot.Name),
            snapshot,
            (_, kept) => (snapshot.SchemaVersion, snapshot.Version.Value).CompareTo((kept.SchemaVersion, kept.Version.Value)) > 0 ? snapshot : kept);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<KeptSnapshot>> FindAsync(IReadOnlyCollection<StreamName> streams, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(streams);
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult<IReadOnlyList<KeptSnapshot>>(
            [.. snapshots.Values.Where(kept => streams.Contains(kept.Stream)).Select(kept => new KeptSnapshot(kept.Stream, kept.Name, kept.Version))]);
    }

    /// <inheritdoc/>
    public Task<bool> DeleteAsync(StreamName stream, string name, CancellationToken cancellationToken = default)
    {
        _ = stream.Value;
        CheckpointName.ThrowIfInvalid(name);
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(snapshots.TryRemove((stream, name), out _));
    }

    /// <summary>The snapshots of a stream.</summary>
    internal IReadOnlyList<StoredSnapshot> Of(StreamName stream) => [.. snapshots.Values.Where(snapshot => snapshot.Stream == stream)];

    /// <summary>Drops the snapshots of a stream.</summary>
    internal void Remove(StreamName stream)
    {
        foreach (var key in snapshots.Keys.Where(key => key.Stream == stream))
        {
            snapshots.TryRemove(key, out _);
        }
    }
}
