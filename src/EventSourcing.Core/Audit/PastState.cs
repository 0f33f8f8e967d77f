namespace EventSourcing;

/// <summary>Folds a stream up to a point. One fold each.</summary>
internal sealed class PastState<TState>(
    IEventStore store, EventSerializer serializer, ISnapshotStore? snapshots, StreamName stream, Fold<TState> fold, PointInLog at)
{
    private TState state = fold.Initial();
    private StreamVersion version;
    private LogPosition position;

    /// <summary>Up to here the state was made by somebody else, of events that are not there any more.</summary>
    private StreamVersion given;

    /// <summary>Folds.</summary>
    /// <param name="see">Told of each event of the prefix.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<FoldedState<TState>> FoldAsync(Action<RecordedEvent> see, CancellationToken cancellationToken)
    {
        // Nothing has happened yet, whatever became of the events since.
        if (at.Version != StreamVersion.None)
        {
            await foreach (var recorded in store.ReadStreamAsync(stream, cancellationToken: cancellationToken).ConfigureAwait(false))
            {
                if (version == StreamVersion.None && recorded.Version.Value != 1)
                {
                    await BeginAsync(recorded, cancellationToken).ConfigureAwait(false);
                }
                else if (recorded.Version != version.Add(1))
                {
                    throw DamagedDataException.OfHole(EventPlace.Of(recorded), version.Add(1));
                }

                if (!at.Includes(recorded))
                {
                    break;
                }

                see(recorded);
                Take(recorded);
                if (version == at.Version)
                {
                    break;
                }
            }
        }

        if (version < given)
        {
            throw NotAvailable($"its first events are gone, and the snapshot in their place is of version {given}.");
        }

        if (version < at.Version)
        {
            throw NotAvailable(version == StreamVersion.None ? "there is no such stream." : $"the stream ends at version {version}.");
        }

        if (state is Aggregate aggregate)
        {
            aggregate.Stream = stream;
            aggregate.MoveTo(version);
        }

        return new FoldedState<TState>(state, version, position);
    }

    private void Take(RecordedEvent recorded)
    {
        (version, position) = (recorded.Version, recorded.Position);
        if (version <= given)
        {
            return;
        }

        var events = serializer.Lift(recorded);
        for (var i = 0; i < events.Count; i++)
        {
            state = fold.Evolve(state, events[i]);
        }
    }

    /// <summary>The stream begins above version 1: says of what its state is made.</summary>
    private async Task BeginAsync(RecordedEvent first, CancellationToken cancellationToken)
    {
        var info = await store.FindStreamAsync(stream, cancellationToken).ConfigureAwait(false);
        if (info is { State: StreamState.Deleted })
        {
            throw NotAvailable("the stream is deleted.");
        }

        if (info is null || info.FirstVersion != first.Version)
        {
            throw DamagedDataException.OfHole(EventPlace.Of(first), StreamVersion.None.Add(1));
        }

        if (!at.Includes(first))
        {
            throw NotAvailable($"the events before version {first.Version} are gone.");
        }

        version = new StreamVersion(first.Version.Value - 1);
        if (info.StandIn == StreamStandIn.Summary)
        {
            return;
        }

        var snapshot = snapshots is not null && fold.Snapshots is { } policy
            ? await snapshots.LoadAsync(stream, policy.Name, cancellationToken).ConfigureAwait(false)
            : null;
        if (snapshot is null || snapshot.SchemaVersion != fold.Snapshots!.SchemaVersion || snapshot.Version < version)
        {
            throw NotAvailable($"the events before version {first.Version} are gone, and there is no snapshot of this state in their place.");
        }

        given = snapshot.Version;
        state = fold.Snapshots.Read(snapshot.State, serializer);
    }

    private StateNotAvailableException NotAvailable(string reason) => new(stream, at, reason);
}
