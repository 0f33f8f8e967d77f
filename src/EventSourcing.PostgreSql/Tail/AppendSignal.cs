namespace EventSourcing.PostgreSql;

/// <summary>Wakes everyone in this process who waits for the next time that something happens.</summary>
internal sealed class AppendSignal
{
    private TaskCompletionSource next = New();

    /// <summary>Completes with the next time after this was asked for.</summary>
    public Task Next => Volatile.Read(ref next).Task;

    public void Set() => Interlocked.Exchange(ref next, New()).SetResult();

    /// <summary>Ends the wait of everyone with an error.</summary>
    public void Fail(Exception failure)
    {
        var failed = Interlocked.Exchange(ref next, New());
        failed.SetException(failure);

        // There may be nobody to observe it.
        _ = failed.Task.Exception;
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
