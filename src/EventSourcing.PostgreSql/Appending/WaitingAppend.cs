namespace EventSourcing.PostgreSql;

/// <summary>An append to one stream, waiting for a lane, and its caller's answer.</summary>
internal sealed class WaitingAppend(AppendRequest request)
{
    private readonly TaskCompletionSource<AppendResult> result = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource resumed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool isAbandoned;

    public AppendRequest Request { get; } = request;

    public StreamAppend Part => Request.Streams[0];

    public long Bytes { get; } = request.Streams[0].Events.Sum(data => (long)data.Data.Length + data.Metadata.Length);

    /// <summary>The keys of the boundaries that it is in.</summary>
    public int[] Keys { get; } = BoundaryKeys.Of(request);

    /// <summary>The caller has given up before the append was sent.</summary>
    public bool IsAbandoned => isAbandoned;

    /// <summary>Completes when the caller goes on, with an answer or without.</summary>
    public Task Resumed => resumed.Task;

    /// <summary>How the connection was lost after this append was sent, in a batch that may be stored; null where it was not.</summary>
    public Exception? Lost { get; set; }

    public async Task<AppendResult> ResultAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await result.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            isAbandoned = true;
            throw;
        }
        finally
        {
            resumed.SetResult();
        }
    }

    public void Succeed(AppendResult stored) => result.TrySetResult(stored);

    public void Fail(Exception failure) => result.TrySetException(failure);
}
