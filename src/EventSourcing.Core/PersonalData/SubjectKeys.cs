using System.Security.Cryptography;

namespace EventSourcing;

/// <summary>
/// The keys of subjects as a process uses them: made when a subject's first personal data is written, unwrapped by the master key, and
/// kept in memory for a bounded time. In an application with a container they come with <c>AddPersonalData</c>; by hand they
/// are given to an <see cref="EventSerializer"/>.
/// </summary>
public sealed class SubjectKeys
{
    // A key management service is asked about so many keys at once.
    private const int UnwrappedAtOnce = 32;

    private readonly ISubjectKeyStore store;
    private readonly IMasterKey master;
    private readonly Dictionary<string, IMasterKey> masters;
    private readonly SubjectKeyCache cache;

    /// <summary>Makes them.</summary>
    /// <param name="store">Where keys are kept.</param>
    /// <param name="options">The master key and what else there is to choose; read once.</param>
    /// <param name="time">The clock for <see cref="PersonalDataOptions.KeyLifetime"/>; the system's by default.</param>
    /// <exception cref="InvalidOperationException">There is no master key, or two have one name.</exception>
    /// <exception cref="ArgumentException">Another option is out of range.</exception>
    public SubjectKeys(ISubjectKeyStore store, PersonalDataOptions options, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(options);
        options.Validated();
        this.store = store;
        master = options.MasterKey!;
        masters = options.EarlierMasterKeys.Append(master).ToDictionary(one => one.Id, StringComparer.Ordinal);
        cache = new SubjectKeyCache(options.MaxKeys, options.KeyLifetime, time ?? TimeProvider.System);
        ForgottenText = options.ForgottenText;
    }

    /// <summary>What a text of a forgotten subject reads as.</summary>
    internal string ForgottenText { get; }

    /// <summary>Somebody was forgotten in this process: what is kept in memory may be theirs.</summary>
    internal event Action? SubjectForgotten;

    /// <summary>A key at hand; null where it is to be asked for.</summary>
    internal SubjectKey? Find(string subject) => cache.Find(subject);

    /// <summary>The key of stored data.</summary>
    /// <exception cref="PersonalDataException">There is none, or it cannot be unwrapped.</exception>
    /// <exception cref="EventStoreUnavailableException">The store or the master key cannot be reached.</exception>
    internal SubjectKey Load(string subject) => cache.Find(subject) ?? Only(subject, Done(LoadAsync([subject], isBlocking: true, CancellationToken.None)));

    /// <summary>The key for new data, made where there is none.</summary>
    /// <exception cref="PersonalDataException">It cannot be unwrapped.</exception>
    /// <exception cref="EventStoreUnavailableException">The store or the master key cannot be reached.</exception>
    internal SubjectKey LoadOrAdd(string subject) => cache.Find(subject) ?? Only(subject, Done(LoadOrAddAsync([subject], isBlocking: true, CancellationToken.None)));

    /// <summary>Has the keys of stored data at hand that are there; what is wrong with one shows when it is used.</summary>
    internal async ValueTask PrepareAsync(IReadOnlyCollection<string> subjects, CancellationToken cancellationToken) =>
        await LoadAsync(subjects, isBlocking: false, cancellationToken).ConfigureAwait(false);

    /// <summary>Has the keys for new data at hand, and makes those that are missing.</summary>
    internal async ValueTask PrepareToWriteAsync(IReadOnlyCollection<string> subjects, CancellationToken cancellationToken) =>
        await LoadOrAddAsync(subjects, isBlocking: false, cancellationToken).ConfigureAwait(false);

    internal async Task<bool> ForgetAsync(string subject, CancellationToken cancellationToken)
    {
        var hadKey = await store.ForgetAsync(subject, cancellationToken).ConfigureAwait(false);
        cache.Forget(subject);
        Drop();
        return hadKey;
    }

    /// <summary>Has caches drop what may be plain text of somebody who was forgotten.</summary>
    internal void Drop() => SubjectForgotten?.Invoke();

    internal async Task<int> RewrapAsync(CancellationToken cancellationToken)
    {
        var count = 0;
        while (await store.FindWrappedByOthersAsync(master.Id, maxCount: 500, cancellationToken).ConfigureAwait(false) is { Count: > 0 } others)
        {
            foreach (var before in others)
            {
                var key = await UnwrapAsync(before.Subject, before.Key!, isBlocking: false, cancellationToken).ConfigureAwait(false);
                var after = await WrapAsync(before.Subject, key, isBlocking: false, cancellationToken).ConfigureAwait(false);

                // Not where it was forgotten, or rewrapped by another process, since it was read.
                count += await store.ReplaceAsync(before, after, cancellationToken).ConfigureAwait(false) ? 1 : 0;
            }
        }

        return count;
    }

    private async ValueTask<Dictionary<string, SubjectKey?>> LoadAsync(
        IReadOnlyCollection<string> subjects, bool isBlocking, CancellationToken cancellationToken)
    {
        // Before the query, so that a key is not kept that was deleted while it was on its way.
        var asOf = cache.Forgets;
        var stored = isBlocking ? store.Load(subjects) : await store.LoadAsync(subjects, cancellationToken).ConfigureAwait(false);
        return await KeepAsync(stored, asOf, isBlocking, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<Dictionary<string, SubjectKey?>> LoadOrAddAsync(
        IReadOnlyCollection<string> subjects, bool isBlocking, CancellationToken cancellationToken)
    {
        var found = await LoadAsync(subjects, isBlocking, cancellationToken).ConfigureAwait(false);
        var missing = subjects.Where(subject => !found.ContainsKey(subject)).ToArray();
        if (missing.Length == 0)
        {
            return found;
        }

        var asOf = cache.Forgets;
        var made = new List<StoredSubjectKey>(missing.Length);
        foreach (var some in missing.Chunk(UnwrappedAtOnce))
        {
            var wrapped = some.Select(subject => WrapAsync(subject, PersonalCipher.NewKey(), isBlocking, cancellationToken).AsTask());
            made.AddRange(await Task.WhenAll(wrapped).ConfigureAwait(false));
        }

        // Whoever was first decides which key it is: what is stored is unwrapped, also where it is the one that was made here.
        var stored = isBlocking ? store.Add(made) : await store.AddAsync(made, cancellationToken).ConfigureAwait(false);
        foreach (var (subject, key) in await KeepAsync(stored, asOf, isBlocking, cancellationToken).ConfigureAwait(false))
        {
            found[subject] = key;
        }

        return found;
    }

    private async ValueTask<Dictionary<string, SubjectKey?>> KeepAsync(
        IReadOnlyList<StoredSubjectKey> stored, long asOf, bool isBlocking, CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, SubjectKey?>(stored.Count, StringComparer.Ordinal);
        foreach (var some in stored.Chunk(UnwrappedAtOnce))
        {
            var keys = await Task.WhenAll(some.Select(one => UsableAsync(one, isBlocking, cancellationToken).AsTask())).ConfigureAwait(false);
            for (var i = 0; i < some.Length; i++)
            {
                found[some[i].Subject] = keys[i];
                if (keys[i] is { } usable)
                {
                    cache.Put(usable, asOf);
                }
            }
        }

        return found;
    }

    /// <summary>A key that can be used; null where it cannot be unwrapped and nobody waits for this one: what is wrong is told to those who use it.</summary>
    private async ValueTask<SubjectKey?> UsableAsync(StoredSubjectKey stored, bool isBlocking, CancellationToken cancellationToken)
    {
        try
        {
            return stored.Key is { } wrapped
                ? SubjectKey.Of(stored.Subject, (await UnwrapAsync(stored.Subject, wrapped, isBlocking, cancellationToken).ConfigureAwait(false)).Span)
                : SubjectKey.Forgotten(stored.Subject);
        }
        catch (PersonalDataException) when (!isBlocking)
        {
            return null;
        }
    }

    private async ValueTask<ReadOnlyMemory<byte>> UnwrapAsync(string subject, WrappedKey wrapped, bool isBlocking, CancellationToken cancellationToken)
    {
        if (!masters.TryGetValue(wrapped.MasterKeyId, out var by))
        {
            throw new PersonalDataException(
                $"The key of subject '{subject}' was wrapped by the master key '{wrapped.MasterKeyId}', which is none of those given: {string.Join(", ", masters.Keys.Select(id => $"'{id}'"))}.", subject);
        }

        try
        {
            var key = await AskAsync(by, token => by.UnwrapAsync(wrapped.Bytes, subject, token), isBlocking, cancellationToken).ConfigureAwait(false);
            return key.Length == PersonalCipher.KeyBytes ? key : throw new CryptographicException($"It has {key.Length} bytes.");
        }
        catch (CryptographicException unfit)
        {
            throw new PersonalDataException(
                $"The key of subject '{subject}' cannot be unwrapped by the master key '{by.Id}': that is another key than the one of this name that has wrapped it, or what is stored was changed.", subject, unfit);
        }
    }

    private async ValueTask<StoredSubjectKey> WrapAsync(string subject, ReadOnlyMemory<byte> key, bool isBlocking, CancellationToken cancellationToken) =>
        new(subject, new WrappedKey(master.Id, await AskAsync(master, token => master.WrapAsync(key, subject, token), isBlocking, cancellationToken).ConfigureAwait(false)));

    private static async ValueTask<ReadOnlyMemory<byte>> AskAsync(
        IMasterKey of, Func<CancellationToken, ValueTask<ReadOnlyMemory<byte>>> ask, bool isBlocking, CancellationToken cancellationToken)
    {
        try
        {
            var asked = ask(cancellationToken);
            if (isBlocking && !asked.IsCompleted)
            {
                // What goes on there may need neither this thread nor what it holds.
                return asked.AsTask().GetAwaiter().GetResult();
            }

            return await asked.ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is not (CryptographicException or EventStoreUnavailableException)
            && !cancellationToken.IsCancellationRequested)
        {
            throw new EventStoreUnavailableException($"The master key '{of.Id}' cannot be used now: {failure.Message}", failure);
        }
    }

    // Nothing was awaited that had not ended.
    private static T Done<T>(ValueTask<T> asked) => asked.IsCompleted ? asked.Result : asked.AsTask().GetAwaiter().GetResult();

    private static SubjectKey Only(string subject, Dictionary<string, SubjectKey?> found) =>
        found.GetValueOrDefault(subject) ?? throw new PersonalDataException(
            $"There is no key of subject '{subject}', and it was not forgotten either: the keys are lost, or were restored in part.", subject);
}
