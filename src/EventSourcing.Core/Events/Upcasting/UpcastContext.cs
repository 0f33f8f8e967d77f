using System.Text.Json;

namespace EventSourcing;

/// <summary>What an upcaster may know of the stored event besides its payload.</summary>
public sealed class UpcastContext
{
    private readonly ReadOnlyMemory<byte> json;
    private readonly EventPlace place;
    private EventMetadata? metadata;

    internal UpcastContext(string type, EventPlace place, ReadOnlyMemory<byte> metadata)
    {
        Type = type;
        this.place = place;
        json = metadata;
    }

    /// <summary>The name of its type, as it is stored.</summary>
    public string Type { get; }

    /// <summary>The stream that holds it.</summary>
    public StreamName Stream => place.Stream;

    /// <summary>Its place in the stream.</summary>
    public StreamVersion Version => place.Version;

    /// <summary>Its place in the log.</summary>
    public LogPosition Position => place.Position;

    /// <summary>Its metadata.</summary>
    /// <exception cref="EventSerializationException">The stored metadata is not a JSON object.</exception>
    public EventMetadata Metadata
    {
        get
        {
            try
            {
                return metadata ??= EventMetadataJson.Read(json.Span);
            }
            catch (Exception unreadable) when (unreadable is JsonException or InvalidOperationException)
            {
                throw EventSerializationException.OnRead(place, Type, "metadata", unreadable);
            }
        }
    }
}
