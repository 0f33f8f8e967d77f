using System.Runtime.CompilerServices;

namespace EventSourcing;

/// <summary>What every store can do by means of <see cref="IEventStore"/>.</summary>
public static class EventStoreExtensions
{
    /// <summary>Appends events to one stream; see <see cref="IEventStore.AppendAsync"/>.</summary>
    /// <param name="store">The store.</param>
    /// <param name="stream">The stream.</param>
    /// <param name="expected">What it must be at.</param>
    /// <param name="events">The events in order.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The versions and the last position.</returns>
    /// <exception cref="ConcurrencyConflictException">The stream is not at the expected version.</exception>
    public static Task<AppendResult> AppendAsync(
        this IEventStore store,
        StreamName stream,
        ExpectedVersion expected,
        IReadOnlyList<EventData> events,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        return store.AppendAsync(new AppendRequest(new StreamAppend(stream, expected, events)), cancellationToken);
    }

    /// <summary>Reads the log page by page until nothing final is left, then ends; to go on with what comes later, subscribe.</summary>
    /// <param name="store">The store.</param>
    /// <param name="options">Start, end, filter and page size; by default the whole log.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>The events in position order.</returns>
    public static async IAsyncEnumerable<RecordedEvent> ReadAllAsync(
        this IEventStore store,
        LogReadOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        var pages = store.ReadPagesAsync(options ?? new LogReadOptions(), cancellationToken);
        await foreach (var page in pages.ConfigureAwait(false))
        {
            foreach (var recorded in page.Events)
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return recorded;
            }
        }
    }
}
