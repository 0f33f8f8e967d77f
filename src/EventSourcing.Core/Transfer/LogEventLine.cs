using System.Buffers.Text;
using System.Text.Json;

namespace EventSourcing;

/// <summary>An event as a line of a written log.</summary>
/// <remarks>Payload and metadata stand in it as they are, byte for byte. Where they hold a line break, or space around them, they stand as a text
/// that holds them: <c>dataText</c>, <c>metadataText</c>.</remarks>
internal static class LogEventLine
{
    private static readonly JsonEncodedText PositionName = JsonEncodedText.Encode("position");
    private static readonly JsonEncodedText StreamNameName = JsonEncodedText.Encode("stream");
    private static readonly JsonEncodedText VersionName = JsonEncodedText.Encode("version");
    private static readonly JsonEncodedText IdName = JsonEncodedText.Encode("id");
    private static readonly JsonEncodedText TypeName = JsonEncodedText.Encode("type");
    private static readonly JsonEncodedText RecordedAtName = JsonEncodedText.Encode("recordedAt");
    private static readonly JsonEncodedText TagsName = JsonEncodedText.Encode("tags");
    private static readonly JsonEncodedText MetadataName = JsonEncodedText.Encode("metadata");
    private static readonly JsonEncodedText MetadataTextName = JsonEncodedText.Encode("metadataText");
    private static readonly JsonEncodedText DataName = JsonEncodedText.Encode("data");
    private static readonly JsonEncodedText DataTextName = JsonEncodedText.Encode("dataText");

    /// <summary>How the line of an event begins.</summary>
    public static ReadOnlySpan<byte> Prefix => "{\"position\":"u8;

    public static void Write(Utf8JsonWriter json, RecordedEvent recorded)
    {
        json.WriteStartObject();
        json.WriteNumber(PositionName, recorded.Position.Value);
        json.WriteString(StreamNameName, recorded.Stream.Value);
        json.WriteNumber(VersionName, recorded.Version.Value);
        json.WriteString(IdName, recorded.Id);
        json.WriteString(TypeName, recorded.Type);
        json.WriteString(RecordedAtName, recorded.RecordedAt);
        if (recorded.Tags.Count > 0)
        {
            json.WriteStartArray(TagsName);
            foreach (var tag in recorded.Tags)
            {
                json.WriteStringValue(tag.Value);
            }

            json.WriteEndArray();
        }

        if (!recorded.Metadata.IsEmpty)
        {
            WriteJson(json, MetadataName, MetadataTextName, recorded.Metadata.Span);
        }

        WriteJson(json, DataName, DataTextName, recorded.Data.Span);
        json.WriteEndObject();
    }

    /// <summary>The position alone, without looking at the rest.</summary>
    public static LogPosition PositionOf(ReadOnlySpan<byte> line) => Utf8Parser.TryParse(line[Prefix.Length..], out long position, out _) && position > 0
        ? new LogPosition(position)
        : throw new FormatException("The position of the event is no number above 0.");

    /// <summary>The event; it holds none of the line's memory.</summary>
    /// <param name="line">The line.</param>
    /// <param name="mayHoldMore">Whether properties that are not known here are passed over.</param>
    public static RecordedEvent Read(ReadOnlySpan<byte> line, bool mayHoldMore)
    {
        var reader = new Utf8JsonReader(line, new JsonReaderOptions { MaxDepth = EventData.MaxDepth + 1 });
        StreamName? stream = null;
        Guid? id = null;
        string? type = null;
        DateTimeOffset? recordedAt = null;
        long? position = null, version = null;
        byte[]? data = null, metadata = null;
        IReadOnlyList<Tag>? tags = null;

        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals(PositionName.EncodedUtf8Bytes))
            {
                Once(ref position, Next(ref reader).GetInt64());
            }
            else if (reader.ValueTextEquals(StreamNameName.EncodedUtf8Bytes))
            {
                Once(ref stream, new StreamName(Next(ref reader).GetString()!));
            }
            else if (reader.ValueTextEquals(VersionName.EncodedUtf8Bytes))
            {
                Once(ref version, Next(ref reader).GetInt64());
            }
            else if (reader.ValueTextEquals(IdName.EncodedUtf8Bytes))
            {
                Once(ref id, Next(ref reader).GetGuid());
            }
            else if (reader.ValueTextEquals(TypeName.EncodedUtf8Bytes))
            {
                Once(ref type, Next(ref reader).GetString());
            }
            else if (reader.ValueTextEquals(RecordedAtName.EncodedUtf8Bytes))
            {
                Once(ref recordedAt, Next(ref reader).GetDateTimeOffset());
            }
            else if (reader.ValueTextEquals(TagsName.EncodedUtf8Bytes))
            {
                Once(ref tags, ReadTags(ref reader));
            }
            else if (reader.ValueTextEquals(MetadataName.EncodedUtf8Bytes))
            {
                Once(ref metadata, Raw(ref reader, line));
            }
            else if (reader.ValueTextEquals(DataName.EncodedUtf8Bytes))
            {
                Once(ref data, Raw(ref reader, line));
            }
            else if (reader.ValueTextEquals(MetadataTextName.EncodedUtf8Bytes))
            {
                Once(ref metadata, Text(ref reader));
            }
            else if (reader.ValueTextEquals(DataTextName.EncodedUtf8Bytes))
            {
                Once(ref data, Text(ref reader));
            }
            else
            {
                if (!mayHoldMore)
                {
                    throw new FormatException($"'{reader.GetString()}' is no property of an event in this version of the format.");
                }

                Next(ref reader).Skip();
            }
        }

        while (reader.Read())
        {
        }

        return new RecordedEvent
        {
            Position = new LogPosition(position ?? throw Missing("position")),
            Stream = stream ?? throw Missing("stream"),
            Version = new StreamVersion(version ?? throw Missing("version")),
            Id = id ?? throw Missing("id"),
            Type = type ?? throw Missing("type"),
            RecordedAt = recordedAt ?? throw Missing("recordedAt"),
            Tags = tags ?? [],
            Metadata = metadata ?? default(ReadOnlyMemory<byte>),
            Data = data ?? throw Missing("data"),
        };
    }

    /// <summary>Whether a failure says that the line is not what it is to be.</summary>
    public static bool IsOfTheLine(Exception failure) =>
        failure is JsonException or FormatException or InvalidOperationException or ArgumentException or KeyNotFoundException or IndexOutOfRangeException or OverflowException;

    private static void WriteJson(Utf8JsonWriter json, JsonEncodedText name, JsonEncodedText textName, ReadOnlySpan<byte> value)
    {
        if (value.ContainsAny((byte)'\n', (byte)'\r') || value[0] is (byte)' ' or (byte)'\t' || value[^1] is (byte)' ' or (byte)'\t')
        {
            json.WriteString(textName, value);
        }
        else
        {
            json.WritePropertyName(name);
            json.WriteRawValue(value, skipInputValidation: true);
        }
    }

    private static ref Utf8JsonReader Next(ref Utf8JsonReader reader)
    {
        reader.Read();
        return ref reader;
    }

    private static byte[] Raw(ref Utf8JsonReader reader, ReadOnlySpan<byte> line)
    {
        reader.Read();
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return line[start..(int)reader.BytesConsumed].ToArray();
    }

    private static byte[] Text(ref Utf8JsonReader reader)
    {
        reader.Read();
        var text = new byte[reader.ValueSpan.Length];
        var length = reader.CopyString(text);
        return text.AsSpan(0, length).ToArray();
    }

    private static List<Tag> ReadTags(ref Utf8JsonReader reader)
    {
        var tags = new List<Tag>();
        reader.Read();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            tags.Add(reader.GetString()!);
        }

        return tags;
    }

    private static void Once<T>(ref T? value, T read) => value = value is null ? read : throw new FormatException("A property of the event stands in it twice.");

    private static FormatException Missing(string name) => new($"The event has no property '{name}'.");
}
