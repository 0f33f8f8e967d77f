using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace EventSourcing;

/// <summary>Turns events of your types into stored ones and back, with System.Text.Json and one registry of names.</summary>
/// <remarks>
/// Which class is made on read is decided by the registry alone, never by a type name inside the payload. Strings with
/// lone surrogates are refused on write instead of being altered. Whatever goes wrong while an event is written or read, in a
/// constructor, a property or a converter of yours too, is told as an <see cref="EventSerializationException"/>.
/// </remarks>
public sealed class EventSerializer
{
    private readonly JsonSerializerOptions readOptions;
    private readonly JsonSerializerOptions writeOptions;

    // By stored name; read for each event, so asked for once.
    private readonly ConcurrentDictionary<string, JsonTypeInfo> readers = new(StringComparer.Ordinal);

    /// <summary>Makes a serializer.</summary>
    /// <param name="types">The registry of names.</param>
    /// <param name="options">How payloads look; copied. By default camel-cased names, as <see cref="JsonSerializerDefaults.Web"/>
    /// but with numbers as numbers only. Its <see cref="JsonSerializerOptions.TypeInfoResolver"/> may be a
    /// source-generated context; where it is null, reflection is used.</param>
    public EventSerializer(EventTypeRegistry types, JsonSerializerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(types);
        Types = types;
        readOptions = options is null
            ? new JsonSerializerOptions { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, PropertyNameCaseInsensitive = true }
            : new JsonSerializerOptions(options);
        readOptions.TypeInfoResolver ??= ReflectionResolver();

        // Only for writing: reading strings through a converter of one's own costs a fifth of the whole.
        writeOptions = new JsonSerializerOptions(readOptions);
        writeOptions.Converters.Add(new StrictStringConverter());
        readOptions.MakeReadOnly();
        writeOptions.MakeReadOnly();
    }

    /// <summary>The registry of names.</summary>
    public EventTypeRegistry Types { get; }

    /// <summary>Turns an event into bytes to write.</summary>
    /// <param name="event">The event.</param>
    /// <param name="metadata">Its metadata; none by default.</param>
    /// <param name="id">Its id; by default a new one that rises with time (UUID version 7).</param>
    /// <returns>The event to write.</returns>
    /// <exception cref="InvalidOperationException">The event's class is not registered.</exception>
    /// <exception cref="ArgumentException">The metadata hold a lone surrogate, a null, or a custom value under a name that is taken.</exception>
    /// <exception cref="EventSerializationException">The event cannot be written as JSON.</exception>
    public EventData Serialize(object @event, EventMetadata? metadata = null, Guid? id = null) =>
        Serialize(@event, EventMetadataJson.Write(metadata ?? EventMetadata.None), id ?? Guid.CreateVersion7());

    /// <summary>Turns a stored event into one of your type.</summary>
    /// <param name="recorded">The stored event.</param>
    /// <returns>The event with its place and metadata.</returns>
    /// <exception cref="UnknownEventTypeException">No class is registered for its type name.</exception>
    /// <exception cref="EventSerializationException">The payload does not fit the class.</exception>
    public EventEnvelope Deserialize(RecordedEvent recorded)
    {
        ArgumentNullException.ThrowIfNull(recorded);
        return new EventEnvelope(Deserialize(recorded.Type, recorded.Data.Span, EventPlace.Of(recorded)), recorded);
    }

    /// <summary>The event alone, for folds.</summary>
    internal object Deserialize(ReplayedEvent replayed) =>
        Deserialize(replayed.Type, replayed.Data, new EventPlace(replayed.Stream, replayed.Version, replayed.Position));

    /// <summary>The same for several events of one command, whose metadata is written once.</summary>
    internal List<EventData> SerializeAll(IReadOnlyList<object> events, EventMetadata metadata)
    {
        var metadataJson = EventMetadataJson.Write(metadata);
        var serialized = new List<EventData>(events.Count);
        foreach (var @event in events)
        {
            serialized.Add(Serialize(@event, metadataJson, Guid.CreateVersion7()));
        }

        return serialized;
    }

    private EventData Serialize(object @event, ReadOnlyMemory<byte> metadataJson, Guid id)
    {
        ArgumentNullException.ThrowIfNull(@event);
        var type = @event.GetType();
        var name = Types.NameOf(type);
        try
        {
            return EventData.FromSerializer(
                id, name, JsonSerializer.SerializeToUtf8Bytes(@event, writeOptions.GetTypeInfo(type)), metadataJson);
        }
        catch (Exception unwritable)
        {
            throw EventSerializationException.OnWrite(type, name, unwritable);
        }
    }

    /// <summary>For adapters: a view as JSON.</summary>
    /// <typeparam name="TView">The view.</typeparam>
    /// <param name="view">The view.</param>
    /// <exception cref="JsonException">The view cannot be written.</exception>
    public byte[] SerializeView<TView>(TView view) => SerializeState(view);

    /// <summary>For adapters: a view from JSON.</summary>
    /// <typeparam name="TView">The view.</typeparam>
    /// <param name="json">What <see cref="SerializeView"/> gave, or the same value otherwise written.</param>
    /// <exception cref="JsonException">The view cannot be read.</exception>
    public TView DeserializeView<TView>(ReadOnlyMemory<byte> json) => DeserializeState<TView>(json);

    /// <summary>A snapshot's form as JSON.</summary>
    internal byte[] SerializeState<TSnapshot>(TSnapshot snapshot) =>
        JsonSerializer.SerializeToUtf8Bytes(snapshot, (JsonTypeInfo<TSnapshot>)writeOptions.GetTypeInfo(typeof(TSnapshot)));

    /// <summary>A snapshot's form from JSON.</summary>
    internal TSnapshot DeserializeState<TSnapshot>(ReadOnlyMemory<byte> json) =>
        JsonSerializer.Deserialize(json.Span, (JsonTypeInfo<TSnapshot>)readOptions.GetTypeInfo(typeof(TSnapshot)))
        ?? throw new JsonException("the snapshot is the JSON value null.");

    private object Deserialize(string type, ReadOnlySpan<byte> payload, EventPlace place)
    {
        try
        {
            var reader = readers.TryGetValue(type, out var known) ? known : ReaderOf(type, place);
            return JsonSerializer.Deserialize(payload, reader) ?? throw new JsonException("the payload is the JSON value null.");
        }
        catch (Exception unreadable) when (unreadable is not UnknownEventTypeException)
        {
            throw EventSerializationException.OnRead(place, type, "payload", unreadable);
        }
    }

    private JsonTypeInfo ReaderOf(string name, EventPlace place) => Types.TryGetType(name, out var type)
        ? readers.GetOrAdd(name, readOptions.GetTypeInfo(type))
        : throw new UnknownEventTypeException(name, place);

    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "Trimmed applications pass a source-generated context, as the documentation says.")]
    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = "As above.")]
    private static DefaultJsonTypeInfoResolver ReflectionResolver() => new();
}
