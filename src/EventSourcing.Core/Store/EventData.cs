using System.Text.Json;
using System.Text.Unicode;

namespace EventSourcing;

/// <summary>An event to write, as bytes. Stored exactly as given, byte for byte.</summary>
/// <remarks>
/// Most code hands typed events to <see cref="Repository"/> or <see cref="EventSerializer"/> and never builds one.
/// </remarks>
public sealed class EventData
{
    /// <summary>The longest type name, in UTF-16 code units: 200.</summary>
    public const int MaxTypeLength = 200;

    /// <summary>The deepest nesting of raw JSON: 256 levels.</summary>
    public const int MaxDepth = 256;

    /// <summary>Checks and copies an event made elsewhere; what becomes of the given buffers later changes nothing.</summary>
    /// <param name="id">The event's id; it makes a retried append recognisable.</param>
    /// <param name="type">The stored name of the event's type.</param>
    /// <param name="data">The payload: one JSON value in UTF-8.</param>
    /// <param name="metadata">A JSON object in UTF-8, or nothing.</param>
    /// <exception cref="ArgumentException">The id is empty, the type name is empty, longer than
    /// <see cref="MaxTypeLength"/> or not writable as UTF-8, or a payload is not well-formed JSON in UTF-8.</exception>
    public EventData(Guid id, string type, ReadOnlyMemory<byte> data, ReadOnlyMemory<byte> metadata = default)
        : this(id, type, data.ToArray(), metadata.ToArray(), isWellFormed: false)
    {
    }

    private EventData(Guid id, string type, ReadOnlyMemory<byte> data, ReadOnlyMemory<byte> metadata, bool isWellFormed)
    {
        if (id == Guid.Empty)
        {
            throw new ArgumentException("An event has an id of its own; Guid.Empty is none.", nameof(id));
        }

        StoredText.ThrowIfUnfit(type, MaxTypeLength, "An event type name", nameof(type));
        if (!isWellFormed)
        {
            ThrowIfNotJson(data.Span, type, nameof(data));
            if (!metadata.IsEmpty)
            {
                if (ThrowIfNotJson(metadata.Span, type, nameof(metadata)) != JsonTokenType.StartObject)
                {
                    throw new ArgumentException($"The metadata of an event '{type}' is a JSON object.", nameof(metadata));
                }
            }
        }

        Id = id;
        Type = type;
        Data = data;
        Metadata = metadata;
    }

    /// <summary>The event's id.</summary>
    public Guid Id { get; }

    /// <summary>The stored name of the event's type.</summary>
    public string Type { get; }

    /// <summary>The payload: one JSON value in UTF-8.</summary>
    public ReadOnlyMemory<byte> Data { get; }

    /// <summary>A JSON object in UTF-8, or nothing.</summary>
    public ReadOnlyMemory<byte> Metadata { get; }

    /// <summary>For JSON that this library has just written itself: no second look at every byte.</summary>
    internal static EventData FromSerializer(Guid id, string type, ReadOnlyMemory<byte> data, ReadOnlyMemory<byte> metadata) =>
        new(id, type, data, metadata, isWellFormed: true);

    private static JsonTokenType ThrowIfNotJson(ReadOnlySpan<byte> json, string type, string parameter)
    {
        // The reader leaves the inside of strings alone, so it would let malformed UTF-8 pass.
        if (!Utf8.IsValid(json))
        {
            throw new ArgumentException($"The {parameter} of an event '{type}' is not UTF-8.", parameter);
        }

        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
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
            throw new ArgumentException($"The {parameter} of an event '{type}' is not one JSON value: {malformed.Message}", parameter, malformed);
        }
    }
}
