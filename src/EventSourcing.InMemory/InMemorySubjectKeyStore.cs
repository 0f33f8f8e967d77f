namespace EventSourcing.InMemory;

/// <summary>Keeps the keys of subjects in memory, for tests.</summary>
public sealed class InMemorySubjectKeyStore : ISubjectKeyStore
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, StoredSubjectKey> keys = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public Task<IReadOnlyList<StoredSubjectKey>> LoadAsync(IReadOnlyCollection<string> subjects, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(Load(subjects));
    }

    /// <inheritdoc/>
    public IReadOnlyList<StoredSubjectKey> Load(IReadOnlyCollection<string> subjects)
    {
        ArgumentNullException.ThrowIfNull(subjects);
        lock (gate)
        {
            return [.. subjects.Where(keys.ContainsKey).Select(subject => keys[subject])];
        }
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<StoredSubjectKey>> AddAsync(IReadOnlyCollection<StoredSubjectKey> keys, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(Add(keys));
    }

    /// <inheritdoc/>
    public IReadOnlyList<StoredSubjectKey> Add(IReadOnlyCollection<StoredSubjectKey> keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        lock (gate)
        {
            foreach (var key in keys)
            {
                this.keys.TryAdd(key.Subject, key);
            }

            return Load([.. keys.Select(key => key.Subject)]);
        }
    }

    /// <inheritdoc/>
    public Task<bool> ForgetAsync(string subject, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(subject);
        cancellationToken.ThrowIfCancellationRequested();
        lock (gate)
        {
            var hadKey = keys.TryGetValue(subject, out var known) && known.Key is not null;
            keys[subject] = new StoredSubjectKey(subject, Key: null);
            return Task.FromResult(hadKey);
        }
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<StoredSubjectKey>> FindWrappedByOthersAsync(string masterKeyId, int maxCount, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (gate)
        {
            return Task.FromResult<IReadOnlyList<StoredSubjectKey>>(
                [.. keys.Values.Where(one => one.Key is { } key && key.MasterKeyId != masterKeyId).Take(maxCount)]);
        }
    }

    /// <inheritdoc/>
    public Task<bool> ReplaceAsync(StoredSubjectKey before, StoredSubjectKey after, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(after);
        cancellationToken.ThrowIfCancellationRequested();
        lock (gate)
        {
            var isSame = keys.TryGetValue(before.Subject, out var known)
                && known.Key is { } stored
                && before.Key is { } expected
                && stored.MasterKeyId == expected.MasterKeyId
                && stored.Bytes.Span.SequenceEqual(expected.Bytes.Span);
            if (isSame)
            {
                keys[before.Subject] = after;
            }

            return Task.FromResult(isSame);
        }
    }
}
