namespace EventSourcing.Conformance;

/// <summary>A runner that runs until this is disposed. What has failed in it shows elsewhere.</summary>
internal sealed class RunUnderWay : IAsyncDisposable
{
    private readonly CancellationTokenSource stop = new();
    private readonly Task run;

    public RunUnderWay(Func<CancellationToken, Task> start)
    {
        ArgumentNullException.ThrowIfNull(start);
        run = start(stop.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        try
        {
            await run.WaitAsync(TimeSpan.FromSeconds(60));
        }
        catch (ConsumerFailedException)
        {
            // Looked at by the test where it matters.
        }

        stop.Dispose();
    }
}
