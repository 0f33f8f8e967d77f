using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace EventSourcing;

/// <summary>
/// Folds streams: from what the cache knows, else from a snapshot, else from the start. Wherever it starts, the store is
/// asked for the last event known, too, so that a stream that is not the one it was is folded anew.
/// </summary>
internal sealed class StateLoader(
    IEventStore store, EventSerializer serializer, StreamCache? cache, ISnapshotStore? snapshots, ILogger logger)
{
    private readonly StreamReplay replay = new(store, serializer);

    /// <summary>Folds a stream.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="fold">How events become a state.</param>
    /// <param name="isOptimistic">Whether what the cache knows is enough.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<Loaded<TState>> LoadAsync<TState>(
        StreamName stream, Fold<TState> fold, bool isOptimistic, CancellationToken cancellationToken)
    {
        if (cache?.Find(stream, fold.Snapshots?.Name) is { } cached)
        {
            await PrepareAsync(cached, cancellationToken).ConfigureAwait(false);
            if (Folded(stream, fold, cached) is { } state)
            {
                // Where a snapshot is due the store is asked, so that what is kept does not grow for ever.
                if (isOptimistic && !IsSnapshotDue(fold, cached))
                {
                    return new Loaded<TState>(state.Value, cached.Version, cached.Position, IsChecked: false, cached);
                }

                if (await GoOnAsync(stream, fold, state.Value, cached, cancellationToken).ConfigureAwait(false) is { } loaded)
                {
                    return loaded;
                }
            }

            cache.Remove(stream, fold.Snapshots?.Name);
        }

        return await FromStoreAsync(stream, fold, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The caller has appended to a stream that it had loaded.</summary>
    public void Appended<TState>(
        StreamName stream, Fold<TState> fold, CachedStream? known, IReadOnlyList<EventData> events, StreamVersion version, LogPosition position)
    {
        // Of one that is to be lifted not all is known that its upcaster may ask for: the next load reads it.
        if (cache is not null && known is not null && !events.Any(data => serializer.Lifts(data.Type)))
        {
            cache.Put(stream, fold.Snapshots?.Name, known.With([.. events.Select(data => new CachedEvent(data.Type, data.Data))], version, position));
        }
    }

    private async Task<Loaded<TState>> FromStoreAsync<TState>(StreamName stream, Fold<TState> fold, CancellationToken cancellationToken)
    {
        if (await SnapshotAsync(stream, fold, cancellationToken).ConfigureAwait(false) is { } snapshot)
        {
            var start = new CachedStream(snapshot, [], snapshot.Version, snapshot.Position);
            await PrepareAsync(start, cancellationToken).ConfigureAwait(false);
            if (Folded(stream, fold, start) is { } state
                && await GoOnAsync(stream, fold, state.Value, start, cancellationToken).ConfigureAwait(false) is { } loaded)
            {
                return loaded;
            }
        }

        var nothing = new CachedStream(null, [], StreamVersion.None, LogPosition.Start);
        try
        {
            return (await GoOnAsync(stream, fold, fold.Initial(), nothing, cancellationToken).ConfigureAwait(false))!.Value;
        }
        catch (DamagedDataException hole)
        {
            throw await StreamBeginning.WhyAsync(store, hole, cancellationToken).ConfigureAwait(false);
        }
    }

    private ValueTask PrepareAsync(CachedStream known, CancellationToken cancellationToken) => serializer.Personal is not { } personal
        ? ValueTask.CompletedTask
        : personal.PrepareAsync(known.Events.Select(cached => cached.Data).Prepend(known.Snapshot?.State ?? ReadOnlyMemory<byte>.Empty), cancellationToken);

    /// <summary>The state of what is known; null where that cannot be read, whatever the reason: then the store decides.</summary>
    private Box<TState>? Folded<TState>(StreamName stream, Fold<TState> fold, CachedStream known)
    {
        try
        {
            var state = known.Snapshot is { } snapshot ? fold.Snapshots!.Read(snapshot.State, serializer) : fold.Initial();
            var version = new StreamVersion(known.Version.Value - known.Events.Length);
            foreach (var cached in known.Events)
            {
                version = version.Add(1);
                var replayed = new ReplayedEvent
                {
                    Stream = stream, Version = version, Position = known.Position, Type = cached.Type, Data = cached.Data.Span,
                };
                state = Evolve(fold, state, replayed, cached.Lifted);
            }

            return new Box<TState>(state);
        }
        catch (Exception unfit)
        {
            Log.SnapshotUnreadable(logger, stream, unfit);
            return null;
        }
    }

    /// <summary>Folds what the store holds beyond what is known; null where the store does not hold what is known.</summary>
    private async Task<Loaded<TState>?> GoOnAsync<TState>(
        StreamName stream, Fold<TState> fold, TState state, CachedStream known, CancellationToken cancellationToken)
    {
        var version = known.Version;
        var position = known.Position;
        var isSame = version == StreamVersion.None;
        List<CachedEvent>? added = cache is null ? null : [];
        var begun = Stopwatch.GetTimestamp();
        long count = 0;
        await replay.RunAsync(
                stream,
                new StreamVersion(Math.Max(0, version.Value - 1)),
                (replayed, recorded) =>
                {
                    if (replayed.Version == known.Version)
                    {
                        isSame = known.EndsWith(replayed);
                    }
                    else if (isSame)
                    {
                        ThrowIfHole(replayed, version);
                        var lifted = recorded is not null && serializer.Lifts(recorded.Type) ? recorded : null;
                        state = Evolve(fold, state, replayed, lifted);
                        count++;
                        version = replayed.Version;
                        position = replayed.Position;
                        added?.Add(new CachedEvent(replayed.Type, lifted?.Data ?? replayed.Data.ToArray(), lifted));
                    }
                },
                cancellationToken)
            .ConfigureAwait(false);
        Measure(stream, count, begun);
        if (!isSame)
        {
            return null;
        }

        if (version != StreamVersion.None && added is not null)
        {
            known = known.With(added, version, position);
            cache!.Put(stream, fold.Snapshots?.Name, known);
        }

        known = known with { Version = version, Position = position };
        if (IsSnapshotDue(fold, known))
        {
            known = await SnapshotTakenAsync(stream, fold.Snapshots!, state, known, cancellationToken).ConfigureAwait(false);
        }

        return new Loaded<TState>(state, version, position, IsChecked: true, cache is null ? null : known);
    }

    private TState Evolve<TState>(Fold<TState> fold, TState state, ReplayedEvent replayed, RecordedEvent? lifted)
    {
        if (lifted is null)
        {
            return fold.Evolve(state, serializer.Deserialize(replayed));
        }

        var events = serializer.Lift(lifted);
        for (var i = 0; i < events.Count; i++)
        {
            state = fold.Evolve(state, events[i]);
        }

        return state;
    }

    private void ThrowIfHole(ReplayedEvent replayed, StreamVersion before)
    {
        if (replayed.Type == StreamDeleted.StoredName)
        {
            throw new StreamClosedException(replayed.Stream, StreamState.Deleted);
        }

        if (replayed.Version.Value != before.Value + 1
            && !(before == StreamVersion.None && StreamBeginning.IsSummary(replayed.Type, serializer.Types)))
        {
            throw DamagedDataException.OfHole(new EventPlace(replayed.Stream, replayed.Version, replayed.Position), before.Add(1));
        }
    }

    private static void Measure(StreamName stream, long events, long begun)
    {
        if (Instruments.LoadDuration.Enabled || Instruments.LoadEvents.Enabled)
        {
            var category = Instruments.Tag("category", stream.Category);
            Instruments.LoadDuration.Record(Stopwatch.GetElapsedTime(begun).TotalSeconds, category);
            Instruments.LoadEvents.Record(events, category);
        }
    }

    private async Task<StoredSnapshot?> SnapshotAsync<TState>(StreamName stream, Fold<TState> fold, CancellationToken cancellationToken)
    {
        if (snapshots is null || fold.Snapshots is not { } policy)
        {
            return null;
        }

        try
        {
            var snapshot = await snapshots.LoadAsync(stream, policy.Name, cancellationToken).ConfigureAwait(false);

            // One of no event would have nothing in the stream to be compared with.
            return snapshot?.SchemaVersion == policy.SchemaVersion && snapshot.Version > StreamVersion.None ? snapshot : null;
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            Log.SnapshotUnreadable(logger, stream, failure);
            return null;
        }
    }

    private bool IsSnapshotDue<TState>(Fold<TState> fold, CachedStream known) =>
        snapshots is not null
        && fold.Snapshots is { } policy
        && known.Version.Value - (known.Snapshot?.Version.Value ?? 0) >= policy.Every;

    /// <summary>Keeps a snapshot, and gives what is known from there on. A snapshot that cannot be kept keeps nobody from going on.</summary>
    private async Task<CachedStream> SnapshotTakenAsync<TState>(
        StreamName stream, SnapshotPolicy<TState> policy, TState state, CachedStream known, CancellationToken cancellationToken)
    {
        try
        {
            var taken = new StoredSnapshot(
                stream, policy.Name, policy.SchemaVersion, known.Version, known.Position, policy.Write(state, serializer));
            await snapshots!.SaveAsync(taken, cancellationToken).ConfigureAwait(false);
            var shorter = new CachedStream(taken, [], known.Version, known.Position);
            cache?.Put(stream, policy.Name, shorter);
            return shorter;
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            Log.SnapshotNotTaken(logger, stream, failure);
            return known;
        }
    }

    private sealed record Box<TState>(TState Value);
}
