namespace EventSourcing;

/// <summary>
/// Those whose personal data the log holds: forgets them, and finds where their data has gone to.
/// </summary>
public sealed class DataSubjects
{
    private readonly IEventStore store;
    private readonly EventSerializer serializer;
    private readonly ISubjectKeyStore stored;
    private readonly SubjectKeys keys;
    private readonly ISnapshotInventory? snapshots;

    /// <summary>Makes it; in an application with a container, ask for it after <c>AddPersonalData</c>, and it knows the read models, too.</summary>
    /// <param name="store">Where events are kept.</param>
    /// <param name="serializer">The serializer with the same keys.</param>
    /// <param name="stored">Where keys are kept.</param>
    /// <param name="keys">The keys in use.</param>
    /// <param name="snapshots">Which snapshots there are; none by default.</param>
    public DataSubjects(
        IEventStore store, EventSerializer serializer, ISubjectKeyStore stored, SubjectKeys keys, ISnapshotInventory? snapshots = null)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(serializer);
        ArgumentNullException.ThrowIfNull(stored);
        ArgumentNullException.ThrowIfNull(keys);
        this.store = store;
        this.serializer = serializer;
        this.stored = stored;
        this.keys = keys;
        this.snapshots = snapshots;
    }

    /// <summary>The read models that are known by key.</summary>
    internal IReadOnlyCollection<SubjectViews> Views { get; init; } = [];

    /// <summary>What else handles events: its name, and which.</summary>
    internal IReadOnlyCollection<(string Name, IReadOnlyCollection<Type> EventTypes, IReadOnlyCollection<string> Categories)> Others { get; init; } = [];

    /// <summary>Forgets a subject, for good: deletes its key, so that its personal data can be decrypted no more. In this process at once, in
    /// others within <see cref="PersonalDataOptions.KeyLifetime"/>.</summary>
    /// <remarks>Nothing personal of it is stored from then on, also where nothing had been. Once more changes nothing.</remarks>
    /// <param name="subject">The subject.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Whether there was a key: false where it is forgotten already, or nothing personal of it was ever stored.</returns>
    /// <exception cref="ArgumentException">No subject can be called this.</exception>
    /// <exception cref="EventStoreUnavailableException">The store cannot be reached.</exception>
    public Task<bool> ForgetAsync(string subject, CancellationToken cancellationToken = default)
    {
        _ = SubjectTag.Of(subject);
        return keys.ForgetAsync(subject, cancellationToken);
    }

    /// <summary>Finds where a subject's data has gone to; before it is forgotten, or after.</summary>
    /// <remarks>Before is better: a read model whose keys are themselves personal cannot be told by key any more.</remarks>
    /// <param name="subject">The subject.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ArgumentException">No subject can be called this.</exception>
    /// <exception cref="EventSerializationException">An event cannot be read.</exception>
    /// <exception cref="EventStoreUnavailableException">The store cannot be reached.</exception>
    public async Task<SubjectReport> FindAsync(string subject, CancellationToken cancellationToken = default)
    {
        var query = new EventQuery(new EventQueryItem { Tags = [SubjectTag.Of(subject)] });
        var row = await stored.LoadAsync([subject], cancellationToken).ConfigureAwait(false);
        var found = await store.QueryAsync(query, cancellationToken).ConfigureAwait(false);
        var streams = found.Events
            .GroupBy(recorded => recorded.Stream)
            .Select(events => new SubjectStream(events.Key, events.Count(), events.Min(recorded => recorded.Version)))
            .ToArray();
        await serializer.PrepareAsync(found.Events, cancellationToken).ConfigureAwait(false);
        var events = new List<EventEnvelope>(found.Events.Count);
        foreach (var recorded in found.Events)
        {
            serializer.DeserializeTo(events, recorded);
        }

        var untold = new List<string>();
        return new SubjectReport(subject, IsForgotten: row is [{ Key: null }])
        {
            Streams = streams,
            Snapshots = await SnapshotsAsync(streams, cancellationToken).ConfigureAwait(false),
            Views = await ViewsAsync(events, untold, cancellationToken).ConfigureAwait(false),
            Others =
            [
                .. Others.Where(other => events.Exists(envelope => SubjectViews.Handles(other.EventTypes, other.Categories, envelope))).Select(other => other.Name),
                .. untold,
            ],
        };
    }

    /// <summary>Deletes the snapshots that a subject's data was folded into; states are then folded from their events again. Where a state is not
    /// marked itself, this is part of forgetting.</summary>
    /// <remarks>A command that had loaded such a state before may keep another snapshot right after: look once more with <see cref="FindAsync"/>.</remarks>
    /// <param name="subject">The subject.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Those that were deleted; not those that stand in for truncated events.</returns>
    /// <exception cref="ArgumentException">No subject can be called this.</exception>
    /// <exception cref="EventStoreUnavailableException">The store cannot be reached.</exception>
    public async Task<IReadOnlyList<SubjectSnapshot>> DeleteSnapshotsAsync(string subject, CancellationToken cancellationToken = default)
    {
        var deleted = new List<SubjectSnapshot>();
        foreach (var snapshot in (await FindAsync(subject, cancellationToken).ConfigureAwait(false)).Snapshots.Where(snapshot => !snapshot.IsStandIn))
        {
            if (await snapshots!.DeleteAsync(snapshot.Stream, snapshot.Name, cancellationToken).ConfigureAwait(false))
            {
                deleted.Add(snapshot);
            }
        }

        keys.Drop();
        return deleted;
    }

    /// <summary>Wraps all keys by <see cref="PersonalDataOptions.MasterKey"/> that another one has wrapped, which is not needed any more then.
    /// No event is touched. May be broken off, and run again.</summary>
    /// <param name="cancellationToken">Gives up; the keys that were wrapped stay so.</param>
    /// <returns>How many keys were wrapped anew.</returns>
    /// <exception cref="PersonalDataException">A key cannot be unwrapped.</exception>
    /// <exception cref="EventStoreUnavailableException">The store or a master key cannot be reached.</exception>
    public Task<int> RewrapAsync(CancellationToken cancellationToken = default) => keys.RewrapAsync(cancellationToken);

    private async Task<IReadOnlyList<SubjectSnapshot>> SnapshotsAsync(SubjectStream[] streams, CancellationToken cancellationToken)
    {
        var found = new List<SubjectSnapshot>();
        if (snapshots is null || streams.Length == 0)
        {
            return found;
        }

        var first = streams.ToDictionary(one => one.Stream, one => one.FirstVersion);
        foreach (var kept in await snapshots.FindAsync([.. first.Keys], cancellationToken).ConfigureAwait(false))
        {
            if (kept.Version >= first[kept.Stream])
            {
                var info = await store.FindStreamAsync(kept.Stream, cancellationToken).ConfigureAwait(false);
                found.Add(new SubjectSnapshot(kept.Stream, kept.Name, kept.Version, info?.StandIn == StreamStandIn.Snapshot));
            }
        }

        return found;
    }

    private async Task<IReadOnlyList<SubjectView>> ViewsAsync(List<EventEnvelope> events, List<string> untold, CancellationToken cancellationToken)
    {
        var found = new List<SubjectView>();
        foreach (var views in Views)
        {
            string[] candidates;
            try
            {
                candidates = [.. events.SelectMany(views.KeysOf).Distinct(StringComparer.Ordinal)];
            }
            catch (EventHandlingException)
            {
                untold.Add(views.Name);
                continue;
            }

            foreach (var key in candidates)
            {
                if (await views.ExistsAsync(key, cancellationToken).ConfigureAwait(false))
                {
                    found.Add(new SubjectView(views.Name, key));
                }
            }
        }

        return found;
    }
}
