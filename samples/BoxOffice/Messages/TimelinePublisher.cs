using System.Text;
using System.Text.Json;
using BoxOffice.Demo;
using EventSourcing;

namespace BoxOffice.Messages;

/// <summary>Shows messages instead of sending them: for a run without a broker.</summary>
public sealed class TimelinePublisher(Timeline timeline) : IMessagePublisher
{
    /// <inheritdoc/>
    public Task PublishAsync(IReadOnlyList<PublicMessage> messages, CancellationToken cancellationToken = default)
    {
        foreach (var message in messages)
        {
            var seat = JsonDocument.Parse(message.Body).RootElement.GetProperty("seat").GetString()!;
            timeline.Write(seat, "message", $"{message.Type} {Encoding.UTF8.GetString(message.Body.Span)}");
        }

        return Task.CompletedTask;
    }
}
