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
    /// <exception cref="ConcurrencyConflictException">An expectation is not met; lists all that are not. Nothing is written.</exception>
    /// <exception cref="ArgumentException">An event is larger than the store takes. Nothing is written.</exception>
    /// <exception cref="EventStoreUnavailableException">The store cannot be reached. Nothing is written.</exception>
    /// <exception cref="AppendOutcomeUnknownException">The answer was lost on its way.</exception>
    Task<AppendResult> AppendAsync(AppendRequest request, CancellationToken cancellationToken = default);

    /// <summary>Reads one stream; a stream that does not exist reads as empty.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="options">Direction, start and limit; by default the whole stream, forwards.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>The events in version order, or the reverse.</returns>
    /// <exception cref="EventStoreUnavailableException">The store cannot be reached.</exception>
    IAsyncEnumerable<RecordedEvent> ReadStreamAsync(
        StreamName stream, StreamReadOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// Reads one page of the log in position order. Hands out only what is final: no event with a lower position than
    /// <see cref="LogPage.ReadTo"/> will ever appear later.
    /// </summary>
    /// <param name="options">Start, end, filter and size of the page.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>The page; empty where nothing final is left.</returns>
    /// <exception cref="EventStoreUnavailableException">The store cannot be reached.</exception>
    Task<LogPage> ReadLogAsync(LogReadOptions options, CancellationToken cancellationToken = default);

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
}
