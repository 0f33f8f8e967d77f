namespace EventSourcing.RabbitMq;

/// <summary>The messages of one call: settled when the call has written what it will and the broker has answered for all of it.</summary>
internal sealed class Batch(string address)
{
    // Never faulted, so that a caller who no longer waits leaves no unobserved exception behind.
    private readonly TaskCompletionSource<MessagePublishingException?> settled = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // The writing call holds a share of its own, or the batch would be settled whenever confirms catch up with it.
    private int open = 1;
    private MessagePublishingException? failure;

    /// <summary>Completes with the first failure, or with null where every message was taken over.</summary>
    public Task<MessagePublishingException?> Settled => settled.Task;

    public bool HasFailed => Volatile.Read(ref failure) is not null;

    public void Sending() => Interlocked.Increment(ref open);

    public void Written() => Settle();

    public void Confirmed() => Settle();

    public void Rejected() =>
        Failed(new MessagePublishingException(
            $"RabbitMQ at {address} did not take responsibility for a message: a queue is full, or the broker is in trouble."));

    public void Unroutable(Guid id) =>
        Failed(new MessagePublishingException(
            $"No queue takes message {id}: bind one to the exchange for its topic, or let such messages go with Mandatory = false.", id));

    public void Lost(Exception cause) =>
        Failed(new MessagePublishingException(
            $"The connection to RabbitMQ at {address} was lost before every message was confirmed: {cause.Message}", inner: cause));

    /// <summary>For a message that was not sent because the channel is gone already.</summary>
    public void NotSent(Exception cause)
    {
        Sending();
        Lost(cause);
    }

    private void Failed(MessagePublishingException first)
    {
        Interlocked.CompareExchange(ref failure, first, null);
        Settle();
    }

    private void Settle()
    {
        if (Interlocked.Decrement(ref open) == 0)
        {
            settled.SetResult(failure);
        }
    }
}
