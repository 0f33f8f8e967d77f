namespace EventSourcing;

/// <summary>Tells the relay of this process that something has been written.</summary>
internal sealed class OutboxSignal
{
    private TaskCompletionSource written = NewSignal();

    /// <summary>Completes at the next <see cref="Raise"/>. Taken before looking, so that what is written in between is not missed.</summary>
    public Task Next => Volatile.Read(ref written).Task;

    public void Raise() => Interlocked.Exchange(ref written, NewSignal()).SetResult();

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
