namespace EventSourcing.Testing;

/// <summary>The broker of an application that has none of its own: remembers what it was handed.</summary>
internal sealed class RecordingPublisher : IMessagePublisher
{
    private readonly Lock gate = new();
    private readonly List<PublicMessage> messages = [];

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

    public Task PublishAsync(IReadOnlyList<PublicMessage> messages, CancellationToken cancellationToken = default)
    {
        lock (gate)
        {
            this.messages.AddRange(messages);
        }

        return Task.CompletedTask;
    }
}
