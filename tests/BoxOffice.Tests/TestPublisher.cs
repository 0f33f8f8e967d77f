using EventSourcing;

namespace BoxOffice;

/// <summary>A broker that remembers what it was handed, also what it does not confirm.</summary>
internal sealed class TestPublisher : IMessagePublisher
{
    private readonly Lock gate = new();
    private readonly List<PublicMessage> messages = [];
    private int failures;

    public IReadOnlyList<PublicMessage> Messages
    {
        get
        {
            lock (gate)
            {
                return [.. messages];
            }
        }
    }

    /// <summary>The next call is taken, and not confirmed.</summary>
    public void FailOnce() => Interlocked.Increment(ref failures);

    public Task PublishAsync(IReadOnlyList<PublicMessage> messages, CancellationToken cancellationToken = default)
    {
        lock (gate)
        {
            this.messages.AddRange(messages);
        }

        return Interlocked.Exchange(ref failures, 0) > 0
            ? throw new MessagePublishingException("No confirm came.")
            : Task.CompletedTask;
    }
}
