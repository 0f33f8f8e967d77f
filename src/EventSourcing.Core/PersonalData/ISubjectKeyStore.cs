namespace EventSourcing;

/// <summary>The port to where the keys of subjects are kept, each wrapped by a master key.</summary>
/// <remarks>A subject has one key for good: the first that was added. Once forgotten it has none, and gets none again: its row stays, so
/// that a key that is missing is told from one that was deleted.</remarks>
public interface ISubjectKeyStore
{
    /// <summary>The keys of several subjects, in one query.</summary>
    /// <param name="subjects">The subjects, each once.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Those that have one or were forgotten, in any order.</returns>
    /// <exception cref="EventStoreUnavailableException">The store cannot be reached.</exception>
    Task<IReadOnlyList<StoredSubjectKey>> LoadAsync(IReadOnlyCollection<string> subjects, CancellationToken cancellationToken = default);

    /// <summary>The same, for where nothing can be awaited: amid serialization.</summary>
    /// <param name="subjects">The subjects, each once.</param>
    /// <returns>Those that have one or were forgotten, in any order.</returns>
    /// <exception cref="EventStoreUnavailableException">The store cannot be reached.</exception>
    IReadOnlyList<StoredSubjectKey> Load(IReadOnlyCollection<string> subjects);

    /// <summary>Adds the keys of subjects that have none and were not forgotten, and says what is stored now.</summary>
    /// <param name="keys">Keys, of each subject one.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What is stored of these subjects: for all who add at the same moment the same.</returns>
    /// <exception cref="EventStoreUnavailableException">The store cannot be reached.</exception>
    Task<IReadOnlyList<StoredSubjectKey>> AddAsync(IReadOnlyCollection<StoredSubjectKey> keys, CancellationToken cancellationToken = default);

    /// <summary>The same, for where nothing can be awaited.</summary>
    /// <param name="keys">Keys, of each subject one.</param>
    /// <returns>What is stored of these subjects.</returns>
    /// <exception cref="EventStoreUnavailableException">The store cannot be reached.</exception>
    IReadOnlyList<StoredSubjectKey> Add(IReadOnlyCollection<StoredSubjectKey> keys);

    /// <summary>Deletes a subject's key and keeps in mind that it is forgotten, also of one that has no key yet.</summary>
    /// <param name="subject">The subject.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Whether there was a key.</returns>
    /// <exception cref="EventStoreUnavailableException">The store cannot be reached.</exception>
    Task<bool> ForgetAsync(string subject, CancellationToken cancellationToken = default);

    /// <summary>Reads keys that are wrapped by another master key than the given one.</summary>
    /// <param name="masterKeyId">The master key.</param>
    /// <param name="maxCount">How many at most.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The keys, in any order; of no subject that is forgotten.</returns>
    /// <exception cref="EventStoreUnavailableException">The store cannot be reached.</exception>
    Task<IReadOnlyList<StoredSubjectKey>> FindWrappedByOthersAsync(string masterKeyId, int maxCount, CancellationToken cancellationToken = default);

    /// <summary>Puts a key that was wrapped anew in the place of what is stored, unless that has changed.</summary>
    /// <param name="before">What is stored.</param>
    /// <param name="after">The same key, wrapped by another master key.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Whether it was replaced; not where the subject was forgotten in the meantime.</returns>
    /// <exception cref="EventStoreUnavailableException">The store cannot be reached.</exception>
    Task<bool> ReplaceAsync(StoredSubjectKey before, StoredSubjectKey after, CancellationToken cancellationToken = default);
}
