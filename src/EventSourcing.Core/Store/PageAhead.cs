namespace EventSourcing;

/// <summary>Reads the page that comes next while somebody is still at work on the one before: one page ahead, no more.</summary>
internal sealed class PageAhead(IEventStore store, CancellationToken cancellationToken) : IAsyncDisposable
{
    private readonly CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
    private Task<LogPage>? begun;

    /// <summary>Begins to read the page that will be asked for next.</summary>
    public void Begin(LogReadOptions options) => begun = store.ReadLogAsync(options, stop.Token);

    /// <summary>The page that was begun; where none was, the one asked for.</summary>
    public Task<LogPage> ReadAsync(LogReadOptions options)
    {
        var page = begun ?? store.ReadLogAsync(options, cancellationToken);
        begun = null;
        return page;
    }

    /// <summary>Gives up the page that was begun and not asked for, and waits until it holds nothing any more.</summary>
    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync().ConfigureAwait(false);
        if (begun is not null)
        {
            await ((Task)begun).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        stop.Dispose();
    }
}
