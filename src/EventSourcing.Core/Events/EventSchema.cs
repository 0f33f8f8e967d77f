using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization.Metadata;

namespace EventSourcing;

/// <summary>The JSON schema of an event's payload, with what JSON itself does not tell apart and a change of which would lose values.</summary>
internal static class EventSchema
{
    private static readonly JsonSchemaExporterOptions Options = new() { TreatNullObliviousAsNonNullable = true, TransformSchemaNode = Complete };

    private static readonly Dictionary<Type, string> Formats = new()
    {
        [typeof(byte)] = "uint8",
        [typeof(sbyte)] = "int8",
        [typeof(short)] = "int16",
        [typeof(ushort)] = "uint16",
        [typeof(int)] = "int32",
        [typeof(uint)] = "uint32",
        [typeof(long)] = "int64",
        [typeof(ulong)] = "uint64",
        [typeof(float)] = "float",
        [typeof(double)] = "double",
        [typeof(decimal)] = "decimal",
        [typeof(byte[])] = "base64",
    };

    /// <summary>The schema of a class.</summary>
    /// <exception cref="InvalidOperationException">The class cannot be written as JSON.</exception>
    public static JsonNode Of(Type type, string name, EventSerializer serializer)
    {
        try
        {
            return serializer.ReadOptions.GetJsonSchemaAsNode(type, Options);
        }
        catch (Exception unwritable) when (unwritable is NotSupportedException or InvalidOperationException)
        {
            throw new InvalidOperationException($"'{name}' ({type.FullName}) has no JSON schema: {unwritable.Message}", unwritable);
        }
    }

    /// <summary>Says which properties are personal: whoever takes the mark off has what comes from then on stored as plain text.</summary>
    private static void Mark(JsonTypeInfo info, JsonObject properties)
    {
        foreach (var (index, _) in PersonalMarks.Find(info).Personal)
        {
            var name = info.Properties[index].Name;
            if (properties[name] is not JsonObject marked)
            {
                properties[name] = marked = [];
            }

            marked["personal"] = true;
        }
    }

    private static JsonNode Complete(JsonSchemaExporterContext context, JsonNode schema)
    {
        var type = Nullable.GetUnderlyingType(context.TypeInfo.Type) ?? context.TypeInfo.Type;
        if (schema is not JsonObject node || !node.ContainsKey("type"))
        {
            return schema;
        }

        if (node["properties"] is JsonObject properties)
        {
            Mark(context.TypeInfo, properties);
        }

        if (Formats.TryGetValue(type, out var format))
        {
            node.TryAdd("format", format);
        }
        else if (type.IsEnum && !node.ContainsKey("enum"))
        {
            // Stored as numbers, which mean something else when the names change places.
            node["$comment"] = string.Join(", ", Enum.GetNames(type).Select(member =>
                string.Create(CultureInfo.InvariantCulture, $"{Convert.ToDecimal(Enum.Parse(type, member), CultureInfo.InvariantCulture)} = {member}")));
        }

        return schema;
    }
}
