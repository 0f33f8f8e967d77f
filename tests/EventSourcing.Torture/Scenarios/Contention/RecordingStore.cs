using System.Runtime.ExceptionServices;

namespace EventSourcing.Torture;

/// <summary>The store under a repository: writes down its appends, and counts them.</summary>
internal sealed class RecordingStore(RecordingAppender appender) : IEventStore
{
    private readonly IEventStore store = appender.Store;

    /// <summary>How many appends the repository has tried.</summary>
    public int Attempts { get; private set; }

    public async Task<AppendResult> AppendAsync(AppendRequest request, CancellationToken cancellationToken = default)
    {
        Attempts++;
        AppendResult? result = null;
        ExceptionDispatchInfo? failure = null;
        await appender.RecordAsync(request, Guid.NewGuid(), attempt: 1, async told =>
        {
            try
            {
                result = await store.AppendAsync(request, cancellationToken);
            }
            catch (Exception caught)
            {
                failure = ExceptionDispatchInfo.Capture(caught);
                throw;
            }

            told(result, AppendOutcome.Stored);
        });
        failure?.Throw();
        return result!;
    }

    public IAsyncEnumerable<RecordedEvent> ReadStreamAsync(StreamName stream, StreamReadOptions? options = null, CancellationToken cancellationToken = default) =>
        store.ReadStreamAsync(stream, options, cancellationToken);

    public Task ReplayAsync(StreamName stream, StreamVersion after, ReplayHandler handler, CancellationToken cancellationToken = default) =>
        store.ReplayAsync(stream, after, handler, cancellationToken);

    public Task<LogPage> ReadLogAsync(LogReadOptions options, CancellationToken cancellationToken = default) => store.ReadLogAsync(options, cancellationToken);

    public Task<LogHead> GetHeadAsync(CancellationToken cancellationToken = default) => store.GetHeadAsync(cancellationToken);

    public Task WaitForAppendAsync(LogPosition after, CancellationToken cancellationToken = default) => store.WaitForAppendAsync(after, cancellationToken);
}
