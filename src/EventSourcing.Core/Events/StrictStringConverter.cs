using System.Text.Json;
using System.Text.Json.Serialization;

namespace EventSourcing;

/// <summary>
/// Writes strings as System.Text.Json does, but refuses a lone surrogate, which it would silently replace by U+FFFD:
/// an event that reads back differently than it was written is worse than an error.
/// </summary>
internal sealed class StrictStringConverter : JsonConverter<string>
{
    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetString();

    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options)
    {
        ThrowIfLoneSurrogate(value);
        writer.WriteStringValue(value);
    }

    public override string ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.GetString()!;

    public override void WriteAsPropertyName(Utf8JsonWriter writer, string value, JsonSerializerOptions options)
    {
        ThrowIfLoneSurrogate(value);
        writer.WritePropertyName(options.DictionaryKeyPolicy?.ConvertName(value) ?? value);
    }

    private static void ThrowIfLoneSurrogate(string value)
    {
        if (StoredText.IndexOfLoneSurrogate(value) is var index and >= 0)
        {
            throw new JsonException($"A string holds a lone surrogate at index {index}, which UTF-8 cannot express.");
        }
    }
}
