namespace EventSourcing;

/// <summary>One shard of a consumer in this process, with its task.</summary>
internal sealed class RunningConsumer(ILeasedWork work, ConsumerLease lease, TenantName? tenant, TimeProvider time, Action ended)
{
    private CancellationTokenSource? stop;
    private ConsumerMetrics? metrics;
    private Task task = Task.CompletedTask;
    private bool isPaused;

    public ILeasedWork Work => work;

    public ConsumerLease Lease => lease;

    public ConsumerProgress Progress { get; } = new();

    /// <summary>Since when its oldest dead letter waits; null where it has none.</summary>
    public DateTimeOffset? ParkedSince
    {
        set => metrics?.ParkedSince(value);
    }

    /// <summary>Why it has given up; null where it has not.</summary>
    public ConsumerFailedException? Failure { get; private set; }

    /// <summary>Whether it has ended by itself without a failure: its lease was lost, or what it runs has been promoted.</summary>
    public bool HasEnded => task.IsCompleted && Failure is null && !isPaused;

    public ConsumerReport Report => new(
        lease.Epoch, isPaused ? ConsumerState.Paused : Progress.State, Progress.Error?.ToString(), Progress.EventsPerSecond);

    public void Start(CancellationToken cancellationToken)
    {
        stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var token = stop.Token;
        metrics = ConsumerMetrics.Of(lease, work.Kind, time, tenant);
        Progress.Started();

        // On the pool: one that works synchronously must not hold up the others.
        var figures = metrics;
        task = Task.Run(() => RunAsync(figures, token), CancellationToken.None);
    }

    public void StartPaused()
    {
        isPaused = true;
        ended();
    }

    public async Task PauseAsync()
    {
        if (!isPaused)
        {
            await EndAsync().ConfigureAwait(false);
            StartPaused();
        }
    }

    public async Task EndAsync()
    {
        if (stop is not null)
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await task.ConfigureAwait(false);
            stop.Dispose();
            stop = null;
        }

        metrics?.Dispose();
    }

    private async Task RunAsync(ConsumerMetrics figures, CancellationToken cancellationToken)
    {
        try
        {
            await work.RunAsync(lease, Progress, figures, cancellationToken).ConfigureAwait(false);
            figures.Dispose();
            Progress.Stopped();
        }
        catch (Exception over) when (over is LeaseLostException || (over is OperationCanceledException && cancellationToken.IsCancellationRequested))
        {
            figures.Dispose();
            Progress.Stopped();
        }
        catch (Exception failure)
        {
            // Its figures stay: what stands still is what an alarm is for.
            Failure = failure as ConsumerFailedException ?? new ConsumerFailedException(work.Name, failure);
            Progress.Failed(Failure.InnerException!);
        }

        ended();
    }
}
