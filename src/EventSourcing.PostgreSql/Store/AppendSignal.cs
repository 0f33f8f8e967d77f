namespace EventSourcing.PostgreSql;

/// <summary>Wakes everyone in this process who waits for events.</summary>
internal sealed class AppendSignal
{
    private TaskCompletionSource next = New();

    /// <summary>Completes with the next append that ends after this was asked for.</summary>
    public Task Next => Volatile.Read(ref next).Task;

    public void Set() => Interlocked.Exchange(ref next, New()).SetResult();

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
