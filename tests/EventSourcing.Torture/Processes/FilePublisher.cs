using System.Diagnostics;

namespace EventSourcing.Torture;

/// <summary>A broker that takes messages down in a file, and fails now and then in the middle.</summary>
internal sealed class FilePublisher(EffectFile file, Random random) : IMessagePublisher
{
    private readonly Lock gate = new();

    public async Task PublishAsync(IReadOnlyList<PublicMessage> messages, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        int taken;
        lock (gate)
        {
            taken = random.Next(100) < 2 ? random.Next(messages.Count) : messages.Count;
        }

        foreach (var message in messages.Take(taken))
        {
            file.Write(Stopwatch.GetTimestamp(), message.Id.ToString());
        }

        await Task.Delay(1, cancellationToken);
        if (taken < messages.Count)
        {
            throw new MessagePublishingException("The broker has gone in the middle.");
        }
    }
}
