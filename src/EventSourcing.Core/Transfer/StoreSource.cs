using System.Runtime.CompilerServices;

namespace EventSourcing;

/// <summary>The log of a store up to a position.</summary>
internal sealed class StoreSource(IEventStore store, LogPosition end, string name) : ILogSource
{
    public string Name => name;

    public Task<LogPosition> GetEndAsync(CancellationToken cancellationToken = default) => Task.FromResult(end);

    public IAsyncEnumerable<StreamInfo> ReadStreamsAsync(CancellationToken cancellationToken = default) => store.ReadStreamsAsync(cancellationToken);

    public async IAsyncEnumerable<RecordedEvent> ReadAsync(LogPosition after, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var page in store.ReadPagesAsync(new LogReadOptions { After = after, UpTo = end }, cancellationToken).ConfigureAwait(false))
        {
            foreach (var recorded in page.Events)
            {
                yield return recorded;
            }
        }
    }
}
