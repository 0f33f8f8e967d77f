using System.Text.Json;

namespace EventSourcing;

/// <summary>
/// Looks back at one stream: its state at a version, a position or a moment, and what changed between two of them. From the log alone,
/// through the upcasters, never through the cache of the repository.
/// </summary>
/// <remarks>A point stands for a prefix of the stream: its events up to the first one that comes after the point. Whatever fold, the
/// state is that of the events of this prefix, in order and without a hole.</remarks>
public sealed class StreamHistory
{
    private readonly IEventStore store;
    private readonly EventSerializer serializer;
    private readonly ISnapshotStore? snapshots;

    /// <summary>Makes it; in an application with a container, ask for it instead.</summary>
    /// <param name="store">Where events come from.</param>
    /// <param name="serializer">Turns bytes into events.</param>
    /// <param name="snapshots">Where snapshots are kept. Only for streams that were truncated in favour of one; nowhere by default.</param>
    public StreamHistory(IEventStore store, EventSerializer serializer, ISnapshotStore? snapshots = null)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(serializer);
        this.store = store;
        this.serializer = serializer;
        this.snapshots = snapshots;
    }

    /// <summary>An aggregate as it was; see <see cref="StateAsync{TState}(StreamName, Fold{TState}, PointInLog, CancellationToken)"/>.</summary>
    /// <typeparam name="TAggregate">The aggregate's class.</typeparam>
    /// <param name="stream">The stream.</param>
    /// <param name="at">When; by default now.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The aggregate, at the version that it had then. To save it is a conflict, unless nothing has happened since.</returns>
    /// <exception cref="StateNotAvailableException">The stream does not reach so far, or its first events are not there any more.</exception>
    public async Task<TAggregate> StateAsync<TAggregate>(
        StreamName stream, PointInLog at = default, CancellationToken cancellationToken = default)
        where TAggregate : Aggregate, new() =>
        (await StateAsync(stream, AggregateFold<TAggregate>.Instance, at, cancellationToken).ConfigureAwait(false)).State;

    /// <summary>A state as it was.</summary>
    /// <typeparam name="TState">The state.</typeparam>
    /// <param name="stream">The stream. One that does not exist has the initial state, at version 0, at any time and position.</param>
    /// <param name="fold">How events become the state; of a decider, its <see cref="Decider{TCommand,TState,TEvent}.Fold"/>.</param>
    /// <param name="at">When; by default now. Before the first event: the initial state, at version 0.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The state, and of which version it is.</returns>
    /// <exception cref="StateNotAvailableException">The stream does not reach so far, or its first events are not there any more.</exception>
    /// <exception cref="UnknownEventTypeException">The stream holds an event of an unregistered type.</exception>
    /// <exception cref="EventSerializationException">An event's payload cannot be read.</exception>
    /// <exception cref="DamagedDataException">A version of the stream is missing.</exception>
    /// <exception cref="EventStoreUnavailableException">The store cannot be reached.</exception>
    public Task<FoldedState<TState>> StateAsync<TState>(
        StreamName stream, Fold<TState> fold, PointInLog at = default, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(fold);
        _ = stream.Value;
        return new PastState<TState>(store, serializer, snapshots, stream, fold, at).FoldAsync(_ => { }, cancellationToken);
    }

    /// <summary>What changed in an aggregate between two points, as far as a view of it shows; see
    /// <see cref="CompareAsync{TState}(StreamName, Fold{TState}, PointInLog, PointInLog, Func{TState, object}, CancellationToken)"/>.</summary>
    /// <typeparam name="TAggregate">The aggregate's class.</typeparam>
    /// <param name="stream">The stream.</param>
    /// <param name="before">The earlier point.</param>
    /// <param name="after">The later point.</param>
    /// <param name="view">What of the aggregate is compared, often an anonymous object: its fields are its own.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The difference.</returns>
    public Task<StateDifference<TAggregate>> CompareAsync<TAggregate>(
        StreamName stream, PointInLog before, PointInLog after, Func<TAggregate, object> view, CancellationToken cancellationToken = default)
        where TAggregate : Aggregate, new()
    {
        ArgumentNullException.ThrowIfNull(view);
        return CompareAsync(stream, AggregateFold<TAggregate>.Instance, before, after, view, cancellationToken);
    }

    /// <summary>What changed in a state between two points, and by which events.</summary>
    /// <typeparam name="TState">The state.</typeparam>
    /// <param name="stream">The stream.</param>
    /// <param name="fold">How events become the state.</param>
    /// <param name="before">The earlier point.</param>
    /// <param name="after">The later point.</param>
    /// <param name="view">What of the state is compared; by default the state itself, as its JSON shows it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Both states, what differs, and the events in between.</returns>
    /// <exception cref="ArgumentException">What is to be later is earlier.</exception>
    /// <exception cref="InvalidOperationException">The state shows nothing as JSON: a view is needed.</exception>
    /// <exception cref="JsonException">What is compared cannot be written as JSON.</exception>
    /// <exception cref="StateNotAvailableException">The stream does not reach so far, or its first events are not there any more.</exception>
    /// <exception cref="UnknownEventTypeException">The stream holds an event of an unregistered type.</exception>
    /// <exception cref="EventSerializationException">An event's payload cannot be read.</exception>
    /// <exception cref="DamagedDataException">A version of the stream is missing.</exception>
    /// <exception cref="EventStoreUnavailableException">The store cannot be reached.</exception>
    public async Task<StateDifference<TState>> CompareAsync<TState>(
        StreamName stream,
        Fold<TState> fold,
        PointInLog before,
        PointInLog after,
        Func<TState, object>? view = null,
        CancellationToken cancellationToken = default)
    {
        var earlier = await StateAsync(stream, fold, before, cancellationToken).ConfigureAwait(false);

        // At once: the other fold may change what both states share.
        using var left = Shown(earlier.State, view);
        var events = new List<AuditEntry>();
        var later = await new PastState<TState>(store, serializer, snapshots, stream, fold, after)
            .FoldAsync(
                recorded =>
                {
                    if (recorded.Version > earlier.Version)
                    {
                        events.Add(new AuditEntry(recorded));
                    }
                },
                cancellationToken)
            .ConfigureAwait(false);
        if (later.Version < earlier.Version)
        {
            throw new ArgumentException(
                $"At {after} stream '{stream}' is at version {later.Version}, before version {earlier.Version} of {before}: name the earlier point first.",
                nameof(after));
        }

        using var right = Shown(later.State, view);
        if (view is null && events.Count > 0 && IsEmpty(left) && IsEmpty(right))
        {
            throw new InvalidOperationException(
                $"{typeof(TState).FullName} shows nothing as JSON, so nothing could be seen to differ: say by 'view' what is to be compared.");
        }

        return new StateDifference<TState>(stream, earlier, later, JsonDifference.Between(left.RootElement, right.RootElement), events);
    }

    private static bool IsEmpty(JsonDocument shown) =>
        shown.RootElement.ValueKind == JsonValueKind.Object && shown.RootElement.GetPropertyCount() == 0;

    private JsonDocument Shown<TState>(TState state, Func<TState, object>? view) => JsonDocument.Parse(
        view is null ? serializer.SerializeShown(state) : serializer.SerializeShown(view(state)),
        new JsonDocumentOptions { MaxDepth = EventData.MaxDepth });
}
