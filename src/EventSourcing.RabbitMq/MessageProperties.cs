using System.Globalization;
using RabbitMQ.Client;

namespace EventSourcing.RabbitMq;

/// <summary>A message as AMQP properties; what AMQP has no property for goes into headers.</summary>
internal static class MessageProperties
{
    public static BasicProperties Of(PublicMessage message) => new()
    {
        MessageId = message.Id.ToString(),
        Type = message.Type,
        ContentType = "application/json",
        DeliveryMode = DeliveryModes.Persistent,
        CorrelationId = message.CorrelationId,

        // Whole seconds from 1970 on are all that AMQP knows; the header is exact.
        Timestamp = new AmqpTimestamp(Math.Max(0, message.OccurredAt.ToUnixTimeSeconds())),
        Headers = Headers(message),
    };

    private static Dictionary<string, object?> Headers(PublicMessage message)
    {
        var headers = new Dictionary<string, object?>(message.Headers.Count + 4, StringComparer.Ordinal);
        foreach (var (name, value) in message.Headers)
        {
            headers.Add(name, value);
        }

        headers.Add(MessageHeaders.OccurredAt, message.OccurredAt.ToString("O", CultureInfo.InvariantCulture));
        AddIfGiven(MessageHeaders.Key, message.Key);
        AddIfGiven(MessageHeaders.CausationId, message.CausationId);
        AddIfGiven(MessageHeaders.TraceParent, message.TraceParent);
        return headers;

        void AddIfGiven(string name, string? value)
        {
            if (value is not null)
            {
                headers.Add(name, value);
            }
        }
    }
}
