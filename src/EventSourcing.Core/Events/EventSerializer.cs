using System.Runtime.CompilerServices;
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

    private readonly EventReading reading;
    private readonly ConditionalWeakTable<IEventConsumer, KnownFilter> filters = [];

    /// <summary>Makes a serializer.</summary>
    /// <param name="types">The registry of names.</param>
    /// <param name="options">How payloads look; copied. By default camel-cased names, as <see cref="JsonSerializerDefaults.Web"/>
    /// but with numbers as numbers only. Its <see cref="JsonSerializerOptions.TypeInfoResolver"/> may be a
    /// source-generated context; what neither it nor the registry knows is left to reflection, where there is none of the former and
    /// the application is not trimmed.</param>
    /// <param name="newId">Where the ids of events and commands come from that are given none; by default
    /// <see cref="Guid.CreateVersion7()"/>.</param>
    /// <exception cref="InvalidOperationException">An upcaster of the registry lifts to a name that is neither registered nor lifted further,
    /// or from a name that new events are stored under, or from a class without a name.</exception>
    public EventSerializer(EventTypeRegistry types, JsonSerializerOptions? options = null, Func<Guid>? newId = null)
    {
        ArgumentNullException.ThrowIfNull(types);
        Types = types;
        NewId = newId ?? Guid.CreateVersion7;
        readOptions = options is null
            ? new JsonSerializerOptions { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, PropertyNameCaseInsensitive = true }
            : new JsonSerializerOptions(options);
        readOptions.TypeInfoResolver = new EventJsonResolver(types, readOptions.TypeInfoResolver);

        // Only for writing: reading strings through a converter of one's own costs a fifth of the whole.
        writeOptions = new JsonSerializerOptions(readOptions);
        writeOptions.Converters.Add(new StrictStringConverter());
        readOptions.MakeReadOnly();
        writeOptions.MakeReadOnly();
        reading = new EventReading(types, readOptions);
    }

    /// <summary>The registry of names.</summary>
    public EventTypeRegistry Types { get; }

    /// <summary>Gives an id that nothing else has.</summary>
    internal Func<Guid> NewId { get; }

    /// <summary>Turns an event into bytes to write.</summary>
    /// <param name="event">The event.</param>
    /// <param name="metadata">Its metadata; none by default.</param>
    /// <param name="id">Its id; by default a new one, which rises with time (UUID version 7) unless ids come from elsewhere.</param>
    /// <returns>The event to write.</returns>
    /// <exception cref="InvalidOperationException">The event's class is not registered.</exception>
    /// <exception cref="ArgumentException">The metadata hold a lone surrogate, a null, or a custom value under a name that is taken.</exception>
    /// <exception cref="EventSerializationException">The event cannot be written as JSON.</exception>
    public EventData Serialize(object @event, EventMetadata? metadata = null, Guid? id = null) =>
        Serialize(@event, EventMetadataJson.Write(metadata ?? EventMetadata.None), id ?? NewId());

    /// <summary>Turns a stored event into one of your type.</summary>
    /// <param name="recorded">The stored event.</param>
    /// <returns>The event with its place and metadata.</returns>
    /// <exception cref="UnknownEventTypeException">No class is registered for its type name.</exception>
    /// <exception cref="EventSerializationException">The payload does not fit the class, or an upcaster failed.</exception>
    /// <exception cref="InvalidOperationException">Upcasters make none or several of it: use <see cref="DeserializeAll"/>.</exception>
    public EventEnvelope Deserialize(RecordedEvent recorded) => DeserializeAll(recorded) is [var only]
        ? only
        : throw new InvalidOperationException($"Upcasters make none or several of event '{recorded.Type}': use DeserializeAll.");

    /// <summary>Turns a stored event into what it is by now: one event of your type, unless upcasters make none or several of it.</summary>
    /// <param name="recorded">The stored event.</param>
    /// <returns>The events in order, with the stored event's place and metadata.</returns>
    /// <exception cref="UnknownEventTypeException">No class is registered for its type name.</exception>
    /// <exception cref="EventSerializationException">The payload does not fit the class, or an upcaster failed.</exception>
    public IReadOnlyList<EventEnvelope> DeserializeAll(RecordedEvent recorded)
    {
        ArgumentNullException.ThrowIfNull(recorded);
        var events = new List<EventEnvelope>(1);
        DeserializeTo(events, recorded);
        return events;
    }

    /// <summary>For adapters: the events of a page or an append that a consumer is to be handed, in order.</summary>
    /// <param name="consumer">The consumer.</param>
    /// <param name="recorded">Stored events of any type, category and stream.</param>
    /// <returns>Those that the consumer declares by its types and categories; all where it declares none.</returns>
    /// <exception cref="UnknownEventTypeException">No class is registered for the type name of one, and the consumer declares none.</exception>
    /// <exception cref="EventSerializationException">A payload does not fit its class, or an upcaster failed.</exception>
    public IReadOnlyList<EventEnvelope> DeserializeFor(IEventConsumer consumer, IEnumerable<RecordedEvent> recorded)
    {
        ArgumentNullException.ThrowIfNull(consumer);
        ArgumentNullException.ThrowIfNull(recorded);
        var filter = FilterOf(consumer);
        var events = new List<EventEnvelope>();
        foreach (var one in recorded)
        {
            if (filter.Matches(one.Stream, one.Type, one.Tags))
            {
                DeserializeTo(events, one);
            }
        }

        ConsumerFilter.RemoveOthers(events, consumer.EventTypes, Types);
        return events;
    }

    /// <summary>Asked for with each append, so kept until another type or upcaster is added.</summary>
    private EventFilter FilterOf(IEventConsumer consumer)
    {
        var current = Types.Current;
        if (!filters.TryGetValue(consumer, out var known) || known.Of != current)
        {
            known = new KnownFilter(current, ConsumerFilter.Of(consumer, Types));
            filters.AddOrUpdate(consumer, known);
        }

        return known.Filter;
    }

    /// <summary>Adds what a stored event is by now.</summary>
    internal void DeserializeTo(List<EventEnvelope> events, RecordedEvent recorded)
    {
        var lifted = reading.Read(recorded);
        for (var i = 0; i < lifted.Count; i++)
        {
            events.Add(new EventEnvelope(lifted[i], recorded, part: i));
        }
    }

    /// <summary>Whether any event is lifted, for which the whole recorded event is needed.</summary>
    internal bool LiftsAny => reading.LiftsAny;

    /// <summary>Whether events of a stored name are.</summary>
    internal bool Lifts(string name) => reading.Lifts(name);

    /// <summary>Whether there is a class, or an upcaster, for a stored name.</summary>
    internal bool Knows(string name) => reading.Knows(name);

    /// <summary>The events alone, for folds.</summary>
    internal LiftedEvents Lift(RecordedEvent recorded) => reading.Read(recorded);

    /// <summary>The event alone, of a name that is not lifted.</summary>
    internal object Deserialize(ReplayedEvent replayed) =>
        reading.Read(replayed.Type, replayed.Data, new EventPlace(replayed.Stream, replayed.Version, replayed.Position));

    /// <summary>The same for several events of one command, whose metadata is written once.</summary>
    internal List<EventData> SerializeAll(IReadOnlyList<object> events, EventMetadata metadata, Func<int, Guid>? ids = null)
    {
        var metadataJson = EventMetadataJson.Write(metadata);
        var serialized = new List<EventData>(events.Count);
        foreach (var @event in events)
        {
            serialized.Add(Serialize(@event, metadataJson, ids?.Invoke(serialized.Count) ?? NewId()));
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
                id, name, JsonSerializer.SerializeToUtf8Bytes(@event, writeOptions.GetTypeInfo(type)), metadataJson, Types.TagsOf(@event));
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

    /// <summary>How payloads are read.</summary>
    internal JsonSerializerOptions ReadOptions => readOptions;

    /// <summary>A snapshot's form as JSON.</summary>
    internal byte[] SerializeState<TSnapshot>(TSnapshot snapshot) =>
        JsonSerializer.SerializeToUtf8Bytes(snapshot, (JsonTypeInfo<TSnapshot>)writeOptions.GetTypeInfo(typeof(TSnapshot)));

    /// <summary>A snapshot's form from JSON.</summary>
    internal TSnapshot DeserializeState<TSnapshot>(ReadOnlyMemory<byte> json) =>
        JsonSerializer.Deserialize(json.Span, (JsonTypeInfo<TSnapshot>)readOptions.GetTypeInfo(typeof(TSnapshot)))
        ?? throw new JsonException("the snapshot is the JSON value null.");

    private sealed record KnownFilter((object Names, object Steps) Of, EventFilter Filter);
}
