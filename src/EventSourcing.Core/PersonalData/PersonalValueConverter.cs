using System.Text.Json;
using System.Text.Json.Serialization;

namespace EventSourcing;

/// <summary>Hands personal values to what is being written.</summary>
internal sealed class PersonalValueConverter : JsonConverter<PersonalValue>
{
    public static PersonalValueConverter Instance { get; } = new();

    public override PersonalValue Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException("Personal values are decrypted before JSON is read.");

    public override void Write(Utf8JsonWriter writer, PersonalValue value, JsonSerializerOptions options) =>
        (PersonalWriting.Current ?? throw new InvalidOperationException("Personal data is written by an EventSerializer alone.")).Write(writer, value);
}
