namespace EventSourcing;

/// <summary>
/// Folds a view on demand, from the log alone: nothing is kept, nothing is behind, and any version, position or time can be asked
/// for. The way to look back, to look at what no read model shows yet, and to check one.
/// </summary>
public sealed class LiveViews
{
    private readonly IEventStore store;
    private readonly EventSerializer serializer;

    /// <summary>Makes it.</summary>
    /// <param name="store">Where events come from.</param>
    /// <param name="serializer">Turns bytes into events.</param>
    public LiveViews(IEventStore store, EventSerializer serializer)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(serializer);
        this.store = store;
        this.serializer = serializer;
    }

    /// <summary>Folds one view. Where the projection makes each view from one stream, that stream is read; otherwise the whole log,
    /// as far as its categories and event types concern the projection.</summary>
    /// <typeparam name="TView">The view.</typeparam>
    /// <param name="projection">The projection.</param>
    /// <param name="key">The view's key.</param>
    /// <param name="at">Up to where; by default everything that there is.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The view; null where there was none.</returns>
    /// <exception cref="ArgumentException">A version was asked for, and views are made from several streams.</exception>
    /// <exception cref="EventHandlingException">A handler failed.</exception>
    /// <exception cref="EventSerializationException">An event cannot be read.</exception>
    /// <exception cref="DamagedDataException">A version of the stream is missing.</exception>
    /// <exception cref="StreamTruncatedException">The stream was truncated or deleted, and a snapshot stands in for its first events, or the
    /// view before them was asked for.</exception>
    /// <exception cref="EventStoreUnavailableException">The store cannot be reached.</exception>
    public async Task<TView?> FoldAsync<TView>(
        ViewProjection<TView> projection, string key, PointInLog at = default, CancellationToken cancellationToken = default)
        where TView : class
    {
        ArgumentNullException.ThrowIfNull(projection);
        ArgumentNullException.ThrowIfNull(key);
        if (at.IsVersion && !projection.IsByStream)
        {
            throw new ArgumentException($"The views of '{projection.Name}' are made from several streams: a version is of one.", nameof(at));
        }

        var filter = ConsumerFilter.Of(projection.Name, projection.EventTypes, projection.Categories, serializer.Types);
        var log = projection.IsByStream
            ? store.ReadStreamAsync(key, cancellationToken: cancellationToken)
            : store.ReadAllAsync(new LogReadOptions { UpTo = at.Position, Filter = filter }, cancellationToken);
        TView? view = null;
        var events = new List<EventEnvelope>(1);
        var version = StreamVersion.None;
        await foreach (var recorded in log.ConfigureAwait(false))
        {
            if (projection.IsByStream && recorded.Version != version.Add(1) && !(version == StreamVersion.None && IsBeginning(recorded)))
            {
                var hole = DamagedDataException.OfHole(EventPlace.Of(recorded), version.Add(1));
                throw version == StreamVersion.None ? await StreamBeginning.WhyAsync(store, hole, cancellationToken).ConfigureAwait(false) : hole;
            }

            if (projection.IsByStream && version == StreamVersion.None && recorded.Version.Value > 1 && !at.Includes(recorded))
            {
                throw new StreamTruncatedException(recorded.Stream, recorded.Version);
            }

            version = recorded.Version;
            if (projection.IsByStream && !at.Includes(recorded))
            {
                // A prefix of the stream: nothing after what is too late, even where a clock was set back.
                break;
            }

            if (at.Includes(recorded) && filter.Matches(recorded.Stream, recorded.Type, recorded.Tags))
            {
                events.Clear();
                await serializer.PrepareAsync([recorded], cancellationToken).ConfigureAwait(false);
                serializer.DeserializeTo(events, recorded);
                ConsumerFilter.RemoveOthers(events, projection.EventTypes, serializer.Types);
                foreach (var envelope in events.Where(envelope => projection.KeysOf(envelope).Contains(key, StringComparer.Ordinal)))
                {
                    view = projection.Fold(view, key, envelope);
                }
            }
        }

        return view;
    }

    /// <summary>Whether nothing is missing before it: it stands for all that was, or for that all is gone.</summary>
    private bool IsBeginning(RecordedEvent recorded) =>
        recorded.Type == StreamDeleted.StoredName || StreamBeginning.IsSummary(recorded.Type, serializer.Types);
}
