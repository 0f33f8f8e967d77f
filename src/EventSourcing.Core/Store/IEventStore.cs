using System.Runtime.CompilerServices;

namespace EventSourcing;

/// <summary>
/// The port to a log of events. Adapters move bytes; what they mean is decided once, above this interface.
/// </summary>
/// <remarks>
/// All members may be called at the same time from any number of threads. Every adapter passes one conformance suite.
/// </remarks>
public interface IEventStore
{
    /// <summary>Appends events to one or several streams, all or nothing.</summary>
    /// <remarks>
    /// When the task completes, the append is durable, and every later read of its streams sees it; a read of the log does
    /// so as soon as no append with a lower position is under way. What it answers, by the stream's
    /// current version: expected equal to it: stored. Expected below it, and exactly these event ids stand right after
    /// the expected version: the first result again, nothing written. Otherwise: a conflict.
    /// </remarks>
    /// <param name="request">The parts of the append.</param>
    /// <param name="cancellationToken">Stops waiting; an append that was already sent may still be stored.</param>
    /// <returns>The versions and the last position.</returns>
    /// <exception cref="ConcurrencyConflictException">An expectation is not met, or the condition; lists all that are not. Nothing is written.</exception>
    /// <exception cref="StreamClosedException">A stream is archived or deleted. Nothing is written.</exception>
    /// <exception cref="ArgumentException">An event is larger than the store takes. Nothing is written.</exception>
    /// <exception cref="EventStoreUnavailableException">The store cannot be reached. Nothing is written.</exception>
    /// <exception cref="AppendOutcomeUnknownException">The answer was lost on its way.</exception>
    Task<AppendResult> AppendAsync(AppendRequest request, CancellationToken cancellationToken = default);

    /// <summary>Reads one stream; a stream that does not exist reads as empty.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="options">Direction, start and limit; by default the whole stream, forwards.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>The events in version order, or the reverse.</returns>
    /// <exception cref="DamagedDataException">An event is stored in a form that cannot be read.</exception>
    /// <exception cref="EventStoreUnavailableException">The store cannot be reached.</exception>
    IAsyncEnumerable<RecordedEvent> ReadStreamAsync(
        StreamName stream, StreamReadOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// Hands the events of a stream to a fold, in version order: the way to load a state. What the handler throws ends the
    /// replay and reaches the caller.
    /// </summary>
    /// <remarks>The default goes through <see cref="ReadStreamAsync"/>. An adapter that can spare the copy of each payload,
    /// and what a fold has no use for, does it itself.</remarks>
    /// <param name="stream">The stream; one that does not exist has no events.</param>
    /// <param name="after">The last version that is not wanted any more; <see cref="StreamVersion.None"/> for the whole stream.</param>
    /// <param name="handler">Takes each event, one after the other.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="DamagedDataException">An event is stored in a form that cannot be read.</exception>
    /// <exception cref="EventStoreUnavailableException">The store cannot be reached.</exception>
    async Task ReplayAsync(StreamName stream, StreamVersion after, ReplayHandler handler, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(handler);
        if (after.Value == long.MaxValue)
        {
            // No version comes after it, so none can be named to begin with.
            _ = stream.Value;
            return;
        }

        var events = ReadStreamAsync(stream, new StreamReadOptions { From = after.Add(1) }, cancellationToken);
        await foreach (var recorded in events.ConfigureAwait(false))
        {
            handler(ReplayedEvent.Of(recorded));
        }
    }

    /// <summary>Finds an event of a stream by its id.</summary>
    /// <remarks>The default reads the stream backwards. An adapter that can do it without handing over the events does it itself.</remarks>
    /// <param name="stream">The stream; one that does not exist has no events.</param>
    /// <param name="eventId">The event's id.</param>
    /// <param name="cancellationToken">Ends the looking.</param>
    /// <returns>The version of the event; null where the stream has none of this id.</returns>
    /// <exception cref="EventStoreUnavailableException">The store cannot be reached.</exception>
    async Task<StreamVersion?> FindVersionAsync(StreamName stream, Guid eventId, CancellationToken cancellationToken = default)
    {
        var options = new StreamReadOptions { Direction = ReadDirection.Backwards };
        await foreach (var recorded in ReadStreamAsync(stream, options, cancellationToken).ConfigureAwait(false))
        {
            if (recorded.Id == eventId)
            {
                return recorded.Version;
            }
        }

        return null;
    }

    /// <summary>What is known of a stream besides its events.</summary>
    /// <remarks>The default looks at its last event: for stores whose streams are never closed or truncated.</remarks>
    /// <param name="stream">The stream.</param>
    /// <param name="cancellationToken">Ends the looking.</param>
    /// <returns>The stream; null where there is none.</returns>
    /// <exception cref="EventStoreUnavailableException">The store cannot be reached.</exception>
    async Task<StreamInfo?> FindStreamAsync(StreamName stream, CancellationToken cancellationToken = default)
    {
        var last = new StreamReadOptions { Direction = ReadDirection.Backwards, MaxCount = 1 };
        await foreach (var recorded in ReadStreamAsync(stream, last, cancellationToken).ConfigureAwait(false))
        {
            return new StreamInfo(stream, recorded.Version, StreamVersion.None.Add(1), StreamState.Open);
        }

        return null;
    }

    /// <summary>The streams that are not as appends alone have made them: those that are archived, truncated or deleted.</summary>
    /// <remarks>The default gives none: for stores whose streams are never closed or truncated.</remarks>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>The streams, by name.</returns>
    /// <exception cref="EventStoreUnavailableException">The store cannot be reached.</exception>
    IAsyncEnumerable<StreamInfo> ReadStreamsAsync(CancellationToken cancellationToken = default) => AsyncEnumerable.Empty<StreamInfo>();

    /// <summary>
    /// Reads one page of the log in position order. Hands out only what is final: no event with a lower position than
    /// <see cref="LogPage.ReadTo"/> will ever appear later.
    /// </summary>
    /// <param name="options">Start, end, filter and size of the page.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>The page; empty where nothing final is left.</returns>
    /// <exception cref="DamagedDataException">An event is stored in a form that cannot be read.</exception>
    /// <exception cref="EventStoreUnavailableException">The store cannot be reached.</exception>
    Task<LogPage> ReadLogAsync(LogReadOptions options, CancellationToken cancellationToken = default);

    /// <summary>
    /// Reads the log page by page until nothing final is left: the last page says that it is the end. The way to read much of it.
    /// </summary>
    /// <remarks>The default goes through <see cref="ReadLogAsync"/>. An adapter that can have the next page on its way while one
    /// is worked on does it itself.</remarks>
    /// <param name="options">Start, end, filter and size of the pages.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>The pages, one at least.</returns>
    /// <exception cref="DamagedDataException">An event is stored in a form that cannot be read.</exception>
    /// <exception cref="EventStoreUnavailableException">The store cannot be reached.</exception>
    async IAsyncEnumerable<LogPage> ReadPagesAsync(
        LogReadOptions options, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        LogPage page;
        do
        {
            page = await ReadLogAsync(options, cancellationToken).ConfigureAwait(false);
            options = options with { After = page.ReadTo };
            yield return page;
        }
        while (!page.IsEnd);
    }

    /// <summary>Reads the events that match a query, for a decision that must not miss one: all that is committed, also what other
    /// readers of the log are not shown yet.</summary>
    /// <param name="query">Which events.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>The events, and what an append that is decided by them names in its <see cref="AppendCondition"/>: it is refused when
    /// another event that matches has been stored.</returns>
    /// <exception cref="DamagedDataException">An event is stored in a form that cannot be read.</exception>
    /// <exception cref="EventStoreUnavailableException">The store cannot be reached.</exception>
    Task<QueryResult> QueryAsync(EventQuery query, CancellationToken cancellationToken = default);

    /// <summary>Where the log ends now.</summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The position of the last event that every reader may see, and of the last event of all.</returns>
    /// <exception cref="EventStoreUnavailableException">The store cannot be reached.</exception>
    Task<LogHead> GetHeadAsync(CancellationToken cancellationToken = default);

    /// <summary>
    /// Completes when there may be events after a position: at once where there are, otherwise soon after the next
    /// append of any process. It may complete although there are none; the caller reads and waits again.
    /// </summary>
    /// <param name="after">The last position that the caller has read.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="EventStoreUnavailableException">The store cannot be reached.</exception>
    Task WaitForAppendAsync(LogPosition after, CancellationToken cancellationToken = default);

    /// <summary>The appends under way that readers at the end of the log may have to wait for: for people who ask why a reader
    /// stands still.</summary>
    /// <remarks>The default knows of none: a store whose positions are final as soon as they can be seen has none.</remarks>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="EventStoreUnavailableException">The store cannot be reached.</exception>
    Task<IReadOnlyList<OpenAppend>> GetOpenAppendsAsync(CancellationToken cancellationToken = default) =>
        Task.FromResult<IReadOnlyList<OpenAppend>>([]);
}
