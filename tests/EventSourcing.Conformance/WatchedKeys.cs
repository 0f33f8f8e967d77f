namespace EventSourcing.Conformance;

/// <summary>Counts how often keys are asked for.</summary>
internal sealed class WatchedKeys(ISubjectKeyStore inner) : ISubjectKeyStore
{
    private int awaited;
    private int blocking;

    /// <summary>How many questions were awaited, and how many were not, since the last look.</summary>
    public (int Awaited, int Blocking) TakeCounts() => (Interlocked.Exchange(ref awaited, 0), Interlocked.Exchange(ref blocking, 0));

    public Task<IReadOnlyList<StoredSubjectKey>> LoadAsync(IReadOnlyCollection<string> subjects, CancellationToken cancellationToken = default)
    {
        Interlocked.Increment(ref awaited);
        return inner.LoadAsync(subjects, cancellationToken);
    }

    public IReadOnlyList<StoredSubjectKey> Load(IReadOnlyCollection<string> subjects)
    {
        Interlocked.Increment(ref blocking);
        return inner.Load(subjects);
    }

    public Task<IReadOnlyList<StoredSubjectKey>> AddAsync(IReadOnlyCollection<StoredSubjectKey> keys, CancellationToken cancellationToken = default)
    {
        Interlocked.Increment(ref awaited);
        return inner.AddAsync(keys, cancellationToken);
    }

    public IReadOnlyList<StoredSubjectKey> Add(IReadOnlyCollection<StoredSubjectKey> keys)
    {
        Interlocked.Increment(ref blocking);
        return inner.Add(keys);
    }

    public Task<bool> ForgetAsync(string subject, CancellationToken cancellationToken = default) => inner.ForgetAsync(subject, cancellationToken);

    public Task<IReadOnlyList<StoredSubjectKey>> FindWrappedByOthersAsync(string masterKeyId, int maxCount, CancellationToken cancellationToken = default) =>
        inner.FindWrappedByOthersAsync(masterKeyId, maxCount, cancellationToken);

    public Task<bool> ReplaceAsync(StoredSubjectKey before, StoredSubjectKey after, CancellationToken cancellationToken = default) =>
        inner.ReplaceAsync(before, after, cancellationToken);
}
