using System.Buffers;
using System.Text.Json;

namespace EventSourcing.PostgreSql;

/// <summary>Writes the metadata of one event after the other: one flat JSON object, nothing where it has no properties.</summary>
internal sealed class ForeignMetadata : IDisposable
{
    private readonly ArrayBufferWriter<byte> buffer = new(512);
    private readonly HashSet<string> names = new(StringComparer.Ordinal);
    private readonly Utf8JsonWriter writer;

    public ForeignMetadata() => writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { SkipValidation = true });

    public void Begin()
    {
        buffer.ResetWrittenCount();
        writer.Reset();
        names.Clear();
        writer.WriteStartObject();
    }

    /// <summary>A value; nothing where it is null.</summary>
    public void Add(string name, string? value)
    {
        if (value is not null)
        {
            names.Add(name);
            writer.WriteString(name, value);
        }
    }

    /// <summary>A value that is JSON already.</summary>
    public void AddJson(string name, ReadOnlySpan<byte> json)
    {
        names.Add(name);
        writer.WritePropertyName(name);
        writer.WriteRawValue(json, skipInputValidation: true);
    }

    /// <summary>The properties of an object, each as it is; one whose name is taken under another, so that none is lost.</summary>
    /// <param name="json">The object.</param>
    /// <param name="prefix">Begins the other name.</param>
    public void AddProperties(ReadOnlySpan<byte> json, string prefix)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = int.MaxValue });
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            while (!names.Add(name))
            {
                name = prefix + name;
            }

            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            AddJson(name, json[start..(int)reader.BytesConsumed]);
        }
    }

    public ReadOnlyMemory<byte> End()
    {
        if (names.Count == 0)
        {
            return default;
        }

        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    public void Dispose() => writer.Dispose();
}
