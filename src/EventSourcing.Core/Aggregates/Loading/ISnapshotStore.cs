namespace EventSourcing;

/// <summary>
/// Keeps one snapshot for each stream and policy. A help to load long streams faster and never needed: what it loses or
/// holds wrongly is folded from the events again.
/// </summary>
public interface ISnapshotStore
{
    /// <summary>The snapshot kept for a stream.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="name">The policy's name.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The snapshot, of whatever schema version; null where none is kept.</returns>
    Task<StoredSnapshot?> LoadAsync(StreamName stream, string name, CancellationToken cancellationToken = default);

    /// <summary>Keeps a snapshot in the place of an older one: of a lower schema version, or of the same and not a later stream version.</summary>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    Task SaveAsync(StoredSnapshot snapshot, CancellationToken cancellationToken = default);
}
