using System.Text.Json;
using System.Text.Unicode;

namespace EventSourcing;

/// <summary>One rule for every payload made elsewhere: one well-formed JSON value in UTF-8.</summary>
internal static class JsonText
{
    /// <summary>Refuses anything else, and tells what kind of value it is.</summary>
    public static JsonTokenType ThrowIfUnfit(ReadOnlySpan<byte> json, string owner, string type, string parameter)
    {
        // The reader leaves the inside of strings alone, so it would let malformed UTF-8 pass.
        if (!Utf8.IsValid(json))
        {
            throw new ArgumentException($"The {parameter} of {owner} '{type}' is not UTF-8.", parameter);
        }

        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = EventData.MaxDepth });
        try
        {
            reader.Read();
            var first = reader.TokenType;
            while (reader.Read())
            {
            }

            return first;
        }
        catch (JsonException malformed)
        {
            throw new ArgumentException($"The {parameter} of {owner} '{type}' is not one JSON value: {malformed.Message}", parameter, malformed);
        }
    }
}
