using System.Text.Json;
using System.Text.Json.Serialization;

namespace EventSourcing.Conformance;

/// <summary>A converter that fails on one value, with what careless code fails with.</summary>
internal sealed class CarelessConverter : JsonConverter<decimal>
{
    public override decimal Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.GetDecimal() is var value && value == 4 ? throw new KeyNotFoundException("careless") : value;

    public override void Write(Utf8JsonWriter writer, decimal value, JsonSerializerOptions options) => writer.WriteNumberValue(value);
}
