using System.Text;
using System.Text.Json.Nodes;

namespace EventSourcing.Testing;

/// <summary>A public message.</summary>
internal sealed class PublishedEffect(string topic, string type, object body, string? key) : Effect
{
    // Bodies look like this unless their translator says otherwise.
    private static readonly EventSerializer Default = new EventSerializer(new EventTypeRegistry()).With(keys: null);

    private readonly string? key = key;

    public static PublishedEffect Of(PublicMessage message) =>
        new(message.Topic, message.Type, JsonNode.Parse(message.Body.Span) ?? JsonValue.Create("null"), message.Key);

    internal override Shown Show(Effect? beside, EventSerializer? bodies)
    {
        var content = new JsonObject { ["Topic"] = topic };

        // What says nothing of the key takes any.
        if (key is not null && beside is not PublishedEffect { key: null })
        {
            content["Key"] = key;
        }

        content["Body"] = Shown.ContentOf(body as JsonNode ?? JsonNode.Parse(Encoding.UTF8.GetString((bodies ?? Default).SerializeView(body))));
        return new Shown($"Published {type}", content);
    }
}
