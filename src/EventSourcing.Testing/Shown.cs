using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace EventSourcing.Testing;

/// <summary>A value as it is compared and shown: a title, and its content as JSON.</summary>
/// <param name="Title">What it is, briefly.</param>
/// <param name="Content">Its content.</param>
internal sealed record Shown(string Title, JsonNode? Content)
{
    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        IncludeFields = true,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new JsonStringEnumConverter() },

        // For people: an apostrophe or an umlaut is to be read, not decoded.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>What differs beside title and content: two classes of one name in different namespaces.</summary>
    public Type? Class { get; init; }

    /// <summary>A value under the name of its class.</summary>
    /// <exception cref="InvalidOperationException">The value cannot be written as JSON.</exception>
    public static Shown Of(object value) => new(value.GetType().Name, ContentOf(value)) { Class = value.GetType() };

    /// <summary>A value as JSON, numbers without trailing zeros: 30.0 and 30 are the same amount.</summary>
    /// <exception cref="InvalidOperationException">The value cannot be written as JSON.</exception>
    public static JsonNode? ContentOf(object? value)
    {
        try
        {
            return Plain(value is null ? null : JsonSerializer.SerializeToNode(value, value.GetType(), Json));
        }
        catch (Exception unwritable) when (unwritable is JsonException or NotSupportedException or InvalidOperationException)
        {
            throw new InvalidOperationException(
                $"{value!.GetType().FullName} cannot be written as JSON, by which it is compared and shown: {unwritable.Message}", unwritable);
        }
    }

    /// <summary>The same with the members of its objects in the order in which another one has them: theirs says nothing.</summary>
    public Shown InOrderOf(Shown other) => this with { Content = Ordered(Content, other.Content) };

    public string[] Lines() => $"{Title} {Content?.ToJsonString(Json) ?? "null"}".ReplaceLineEndings("\n").Split('\n');

    private static JsonNode? Plain(JsonNode? node) => node switch
    {
        JsonObject members => new JsonObject(members.Select(member => KeyValuePair.Create(member.Key, Plain(member.Value)))),
        JsonArray items => new JsonArray([.. items.Select(Plain)]),
        JsonValue number when number.GetValueKind() == JsonValueKind.Number && JsonSerializer.SerializeToElement(number).TryGetDecimal(out var amount) =>
            JsonValue.Create(amount / 1.0000000000000000000000000000m),
        _ => node?.DeepClone(),
    };

    private static JsonNode? Ordered(JsonNode? node, JsonNode? like) => (node, like) switch
    {
        (JsonObject members, JsonObject others) => new JsonObject(
            others.Where(other => members.ContainsKey(other.Key))
                .Concat(members.Where(member => !others.ContainsKey(member.Key)))
                .Select(one => KeyValuePair.Create(one.Key, Ordered(members[one.Key], others.ContainsKey(one.Key) ? others[one.Key] : null)))),
        (JsonArray items, JsonArray others) => new JsonArray(
            [.. items.Select((item, i) => Ordered(item, i < others.Count ? others[i] : null))]),
        _ => node?.DeepClone(),
    };
}
