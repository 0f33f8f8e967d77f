namespace EventSourcing;

/// <summary>Where a projection stands, for those who ask and those who wait.</summary>
internal sealed class ProjectionProgress(string name)
{
    private readonly Lock gate = new();
    private readonly List<(LogPosition Position, TaskCompletionSource Done)> waiters = [];
    private ProjectionStatus status = new(name, ProjectionState.Stopped, LogPosition.Start, null);

    public ProjectionStatus Status
    {
        get
        {
            lock (gate)
            {
                return status;
            }
        }
    }

    public void Started() => Set(status => status with { State = ProjectionState.CatchingUp, Error = null });

    public void Retrying(Exception failure) => Set(status => status with { State = ProjectionState.Retrying, Error = failure });

    public void Stopped() => Set(status => status.State == ProjectionState.Failed ? status : status with { State = ProjectionState.Stopped });

    public void Reached(LogPosition position, bool isLive)
    {
        Set(status => status with
        {
            State = isLive ? ProjectionState.Live : ProjectionState.CatchingUp,
            Position = position,
            Error = null,
        });
        foreach (var done in TakeWaiters(waiter => waiter.Position <= position))
        {
            done.TrySetResult();
        }
    }

    public ProjectionFailedException Failed(ProjectionFailedException failure)
    {
        Set(status => status with { State = ProjectionState.Failed, Error = failure.InnerException });
        foreach (var done in TakeWaiters(_ => true))
        {
            done.TrySetException(failure);
        }

        return failure;
    }

    public async Task WaitForAsync(LogPosition position, CancellationToken cancellationToken)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (gate)
        {
            if (status.Position >= position)
            {
                return;
            }

            if (status is { State: ProjectionState.Failed, Error: { } error })
            {
                throw new ProjectionFailedException(name, error);
            }

            waiters.Add((position, done));
        }

        try
        {
            await done.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            TakeWaiters(waiter => waiter.Done == done);
        }
    }

    private void Set(Func<ProjectionStatus, ProjectionStatus> change)
    {
        lock (gate)
        {
            status = change(status);
        }
    }

    private TaskCompletionSource[] TakeWaiters(Predicate<(LogPosition Position, TaskCompletionSource Done)> which)
    {
        lock (gate)
        {
            var taken = waiters.FindAll(which).Select(waiter => waiter.Done).ToArray();
            waiters.RemoveAll(which);
            return taken;
        }
    }
}
