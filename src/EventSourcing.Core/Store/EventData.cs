using System.Text.Json;

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
    /// <param name="tags">Its tags; none by default. One that is named twice counts once.</param>
    /// <exception cref="ArgumentException">The id is empty, the type name is empty, longer than
    /// <see cref="MaxTypeLength"/> or not writable as UTF-8, a payload is not well-formed JSON in UTF-8, or a tag is <c>default</c> or
    /// there are more than <see cref="Tag.MaxCount"/>.</exception>
    public EventData(
        Guid id, string type, ReadOnlyMemory<byte> data, ReadOnlyMemory<byte> metadata = default, IReadOnlyCollection<Tag>? tags = null)
        : this(id, type, data.ToArray(), metadata.ToArray(), tags, isWellFormed: false)
    {
    }

    private EventData(
        Guid id, string type, ReadOnlyMemory<byte> data, ReadOnlyMemory<byte> metadata, IReadOnlyCollection<Tag>? tags, bool isWellFormed)
    {
        if (id == Guid.Empty)
        {
            throw new ArgumentException("An event has an id of its own; Guid.Empty is none.", nameof(id));
        }

        StoredText.ThrowIfUnfit(type, MaxTypeLength, "An event type name", nameof(type));
        if (!isWellFormed)
        {
            JsonText.ThrowIfUnfit(data.Span, "an event", type, nameof(data));
            if (!metadata.IsEmpty)
            {
                if (JsonText.ThrowIfUnfit(metadata.Span, "an event", type, nameof(metadata)) != JsonTokenType.StartObject)
                {
                    throw new ArgumentException($"The metadata of an event '{type}' is a JSON object.", nameof(metadata));
                }
            }
        }

        Id = id;
        Type = type;
        Data = data;
        Metadata = metadata;
        Tags = Tag.Distinct(tags, nameof(tags));
    }

    /// <summary>The event's id.</summary>
    public Guid Id { get; }

    /// <summary>The stored name of the event's type.</summary>
    public string Type { get; }

    /// <summary>The payload: one JSON value in UTF-8.</summary>
    public ReadOnlyMemory<byte> Data { get; }

    /// <summary>A JSON object in UTF-8, or nothing.</summary>
    public ReadOnlyMemory<byte> Metadata { get; }

    /// <summary>What the event is about, beside its stream.</summary>
    public IReadOnlyList<Tag> Tags { get; }

    /// <summary>For JSON that this library has just written itself: no second look at every byte.</summary>
    internal static EventData FromSerializer(
        Guid id, string type, ReadOnlyMemory<byte> data, ReadOnlyMemory<byte> metadata, IReadOnlyCollection<Tag> tags) =>
        new(id, type, data, metadata, tags, isWellFormed: true);
}
