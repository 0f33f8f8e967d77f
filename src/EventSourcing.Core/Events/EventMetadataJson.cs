using System.Buffers;
using System.Text;
using System.Text.Json;

namespace EventSourcing;

/// <summary>
/// The stored form of metadata: one flat JSON object, so that SQL can ask <c>metadata->>'correlationId'</c>.
/// </summary>
/// <remarks>Written by hand: it is on the path of every append and does not depend on the options for payloads.</remarks>
internal static class EventMetadataJson
{
    private static readonly JsonEncodedText CommandId = JsonEncodedText.Encode("commandId");
    private static readonly JsonEncodedText CorrelationId = JsonEncodedText.Encode("correlationId");
    private static readonly JsonEncodedText CausationId = JsonEncodedText.Encode("causationId");
    private static readonly JsonEncodedText Actor = JsonEncodedText.Encode("actor");
    private static readonly JsonEncodedText TraceParent = JsonEncodedText.Encode("traceparent");
    private static readonly JsonEncodedText TraceState = JsonEncodedText.Encode("tracestate");

    public static ReadOnlyMemory<byte> Write(EventMetadata metadata)
    {
        if (ReferenceEquals(metadata, EventMetadata.None))
        {
            return default;
        }

        var buffer = new ArrayBufferWriter<byte>(192);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            Write(writer, CommandId, metadata.CommandId);
            Write(writer, CorrelationId, metadata.CorrelationId);
            Write(writer, CausationId, metadata.CausationId);
            Write(writer, Actor, metadata.Actor);
            Write(writer, TraceParent, metadata.TraceParent);
            Write(writer, TraceState, metadata.TraceState);
            foreach (var (key, value) in metadata.Custom ?? throw new ArgumentException("The custom values of metadata are null; leave them empty.", nameof(metadata)))
            {
                ThrowIfReserved(key);
                ThrowIfLoneSurrogate(key, key);
                if (value is null)
                {
                    throw new ArgumentException($"Metadata value '{key}' is null; leave it out instead.", nameof(metadata));
                }

                ThrowIfLoneSurrogate(key, value);
                writer.WriteString(key, value);
            }

            writer.WriteEndObject();
        }

        return buffer.WrittenCount == 2 ? default : buffer.WrittenMemory;
    }

    /// <summary>The metadata of a stored event.</summary>
    /// <exception cref="EventSerializationException">The stored metadata is not a JSON object.</exception>
    public static EventMetadata Read(RecordedEvent recorded)
    {
        try
        {
            return Read(recorded.Metadata.Span);
        }
        catch (Exception unreadable) when (unreadable is JsonException or InvalidOperationException)
        {
            throw EventSerializationException.OnRead(EventPlace.Of(recorded), recorded.Type, "metadata", unreadable);
        }
    }

    public static EventMetadata Read(ReadOnlySpan<byte> json)
    {
        if (json.IsEmpty)
        {
            return EventMetadata.None;
        }

        string? commandId = null, correlationId = null, causationId = null, actor = null, traceParent = null, traceState = null;
        Dictionary<string, string>? custom = null;
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = EventData.MaxDepth });
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("Metadata is a JSON object.");
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            var value = Value(ref reader, json);
            switch (name)
            {
                case "commandId": commandId = value; break;
                case "correlationId": correlationId = value; break;
                case "causationId": causationId = value; break;
                case "actor": actor = value; break;
                case "traceparent": traceParent = value; break;
                case "tracestate": traceState = value; break;
                default:
                    if (value is not null)
                    {
                        (custom ??= new Dictionary<string, string>(StringComparer.Ordinal))[name] = value;
                    }

                    break;
            }
        }

        return new EventMetadata
        {
            CommandId = commandId,
            CorrelationId = correlationId,
            CausationId = causationId,
            Actor = actor,
            TraceParent = traceParent,
            TraceState = traceState,
            Custom = custom ?? EventMetadata.EmptyCustom,
        };
    }

    private static void Write(Utf8JsonWriter writer, JsonEncodedText name, string? value)
    {
        if (value is not null)
        {
            ThrowIfLoneSurrogate(name.Value, value);
            writer.WriteString(name, value);
        }
    }

    private static void ThrowIfLoneSurrogate(string key, string value)
    {
        if (StoredText.IndexOfLoneSurrogate(value) >= 0)
        {
            throw new ArgumentException($"Metadata value '{StoredText.Shorten(key)}' holds a lone surrogate, which UTF-8 cannot express.");
        }
    }

    private static void ThrowIfReserved(string key)
    {
        if (key is "commandId" or "correlationId" or "causationId" or "actor" or "traceparent" or "tracestate")
        {
            throw new ArgumentException($"'{key}' is a property of EventMetadata; set that instead of a custom value of the same name.");
        }
    }

    // Writers outside this library may store numbers or objects: those are handed out as their JSON text.
    private static string? Value(ref Utf8JsonReader reader, ReadOnlySpan<byte> json)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String)
        {
            return reader.GetString();
        }

        if (reader.TokenType == JsonTokenType.Null)
        {
            return null;
        }

        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return Encoding.UTF8.GetString(json[start..(int)reader.BytesConsumed]);
    }
}
