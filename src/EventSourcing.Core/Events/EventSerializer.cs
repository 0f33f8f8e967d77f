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
    private readonly JsonSerializerOptions? given;
    private readonly ConditionalWeakTable<IEventConsumer, KnownFilter> filters = [];

    /// <summary>Makes a serializer.</summary>
    /// <param name="types">The registry of names.</param>
    /// <param name="options">How payloads look; copied. By default camel-cased names, as <see cref="JsonSerializerDefaults.Web"/>
    /// but with numbers as numbers only. Its <see cref="JsonSerializerOptions.TypeInfoResolver"/> may be a
    /// source-generated context; what neither it nor the registry knows is left to reflection, where there is none of the former and
    /// the application is not trimmed.</param>
    /// <param name="newId">Where the ids of events and commands come from that are given none; by default
    /// <see cref="Guid.CreateVersion7()"/>.</param>
    /// <param name="keys">The keys of subjects, by which personal data is encrypted and decrypted. Without them classes with
    /// <see cref="PersonalDataAttribute"/> are neither written nor read.</param>
    /// <exception cref="InvalidOperationException">An upcaster of the registry lifts to a name that is neither registered nor lifted further,
    /// or from a name that new events are stored under, or from a class without a name.</exception>
    public EventSerializer(EventTypeRegistry types, JsonSerializerOptions? options = null, Func<Guid>? newId = null, SubjectKeys? keys = null)
        : this(types, options, newId, keys, keys is null ? PersonalMode.Refused : PersonalMode.Encrypted)
    {
    }

    private EventSerializer(EventTypeRegistry types, JsonSerializerOptions? options, Func<Guid>? newId, SubjectKeys? keys, PersonalMode mode)
    {
        ArgumentNullException.ThrowIfNull(types);
        Types = types;
        given = options;
        Personal = keys is null ? null : new PersonalJson(keys);
        NewId = newId ?? Guid.CreateVersion7;
        readOptions = options is null
            ? new JsonSerializerOptions { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, PropertyNameCaseInsensitive = true }
            : new JsonSerializerOptions(options);
        var resolver = new EventJsonResolver(types, readOptions.TypeInfoResolver);
        readOptions.TypeInfoResolver = new PersonalResolver(resolver, mode, isForWriting: false);

        // Only for writing: reading strings through a converter of one's own costs a fifth of the whole.
        writeOptions = new JsonSerializerOptions(readOptions) { TypeInfoResolver = new PersonalResolver(resolver, mode, isForWriting: true) };
        writeOptions.Converters.Add(new StrictStringConverter());
        readOptions.MakeReadOnly();
        writeOptions.MakeReadOnly();
        reading = new EventReading(types, readOptions, Personal);
    }

    /// <summary>The registry of names.</summary>
    public EventTypeRegistry Types { get; }

    /// <summary>Encrypts and decrypts personal data; null where there are no keys.</summary>
    internal PersonalJson? Personal { get; }

    /// <summary>Gives an id that nothing else has.</summary>
    internal Func<Guid> NewId { get; }

    /// <summary>Turns an event into bytes to write.</summary>
    /// <param name="event">The event.</param>
    /// <param name="metadata">Its metadata; none by default.</param>
    /// <param name="id">Its id; by default a new one, which rises with time (UUID version 7) unless ids come from elsewhere.</param>
    /// <returns>The event to write.</returns>
    /// <exception cref="InvalidOperationException">The event's class is not registered.</exception>
    /// <exception cref="ArgumentException">The metadata hold a lone surrogate, a null, or a custom value under a name that is taken.</exception>
    /// <exception cref="EventSerializationException">The event cannot be written as JSON, or its personal data not be encrypted.</exception>
    /// <exception cref="SubjectForgottenException">It holds personal data of a subject that was forgotten.</exception>
    /// <exception cref="EventStoreUnavailableException">The key of a subject is not at hand and cannot be reached.</exception>
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

    /// <summary>The same for several events of one command, whose metadata is written once. Keys of subjects that are not at hand are
    /// asked for once, for all of them.</summary>
    internal async ValueTask<List<EventData>> SerializeAllAsync(
        IReadOnlyList<object> events, EventMetadata metadata, Func<int, Guid>? ids, CancellationToken cancellationToken)
    {
        var metadataJson = EventMetadataJson.Write(metadata);
        var missing = Personal is null ? null : new HashSet<string>(StringComparer.Ordinal);
        var serialized = new List<EventData>(events.Count);
        foreach (var @event in events)
        {
            serialized.Add(Serialize(@event, metadataJson, ids?.Invoke(serialized.Count) ?? NewId(), missing));
        }

        if (missing is { Count: > 0 })
        {
            await Personal!.PrepareToWriteAsync(missing, cancellationToken).ConfigureAwait(false);
            for (var i = 0; i < events.Count; i++)
            {
                serialized[i] = Serialize(events[i], metadataJson, serialized[i].Id);
            }
        }

        return serialized;
    }

    /// <summary>Has the keys at hand that reading these events takes, by one query at most.</summary>
    internal ValueTask PrepareAsync(IEnumerable<RecordedEvent> recorded, CancellationToken cancellationToken) =>
        Personal is null ? ValueTask.CompletedTask : Personal.PrepareAsync(recorded.Select(one => one.Data), cancellationToken);

    /// <summary>The same serializer with keys; or without any, for what is stored nowhere, with personal data as it is.</summary>
    internal EventSerializer With(SubjectKeys? keys) => new(Types, given, NewId, keys, keys is null ? PersonalMode.Plain : PersonalMode.Encrypted);

    private EventData Serialize(object @event, ReadOnlyMemory<byte> metadataJson, Guid id, HashSet<string>? missing = null)
    {
        ArgumentNullException.ThrowIfNull(@event);
        var type = @event.GetType();
        var name = Types.NameOf(type);
        try
        {
            var info = writeOptions.GetTypeInfo(type);
            if (Personal is null)
            {
                return EventData.FromSerializer(id, name, JsonSerializer.SerializeToUtf8Bytes(@event, info), metadataJson, Types.TagsOf(@event));
            }

            var (json, subjects) = Personal.WriteEvent(@event, info, missing);
            var tags = Types.TagsOf(@event);
            return EventData.FromSerializer(id, name, json, metadataJson, subjects.Count == 0 ? tags : [.. tags, .. subjects.Select(SubjectTag.Of)]);
        }
        catch (Exception unwritable) when (unwritable is not (SubjectForgottenException or EventStoreUnavailableException))
        {
            throw EventSerializationException.OnWrite(type, name, unwritable);
        }
    }

    /// <summary>For adapters: a view as JSON.</summary>
    /// <typeparam name="TView">The view.</typeparam>
    /// <param name="view">The view.</param>
    /// <exception cref="JsonException">The view cannot be written.</exception>
    /// <exception cref="PersonalDataException">Its personal data cannot be encrypted. What belongs to a forgotten subject is written as it reads then.</exception>
    public byte[] SerializeView<TView>(TView view) => SerializeState(view);

    /// <summary>For adapters: a view from JSON.</summary>
    /// <typeparam name="TView">The view.</typeparam>
    /// <param name="json">What <see cref="SerializeView"/> gave, or the same value otherwise written.</param>
    /// <exception cref="JsonException">The view cannot be read.</exception>
    /// <exception cref="PersonalDataException">Its personal data cannot be decrypted.</exception>
    public TView DeserializeView<TView>(ReadOnlyMemory<byte> json) => DeserializeState<TView>(json);

    /// <summary>For adapters that keep views as objects: the view as it would be read from JSON, where what belongs to a forgotten subject
    /// reads as forgotten. The same object where nothing in it is personal.</summary>
    /// <typeparam name="TView">The view.</typeparam>
    /// <param name="view">The view as it was made.</param>
    /// <exception cref="JsonException">The view cannot be written or read.</exception>
    /// <exception cref="PersonalDataException">Its personal data cannot be encrypted.</exception>
    public TView AsRead<TView>(TView view)
        where TView : class
    {
        if (Personal is null)
        {
            return view;
        }

        var (json, isPersonal) = Personal.WriteView(view, writeOptions.GetTypeInfo(typeof(TView)));
        return isPersonal ? DeserializeView<TView>(json) : view;
    }

    /// <summary>How payloads are read.</summary>
    internal JsonSerializerOptions ReadOptions => readOptions;

    /// <summary>A snapshot's form as JSON. What belongs to a forgotten subject is written as it reads.</summary>
    internal byte[] SerializeState<TSnapshot>(TSnapshot snapshot)
    {
        var info = (JsonTypeInfo<TSnapshot>)writeOptions.GetTypeInfo(typeof(TSnapshot));
        return Personal is null ? JsonSerializer.SerializeToUtf8Bytes(snapshot, info) : Personal.WriteView(snapshot, info).Json;
    }

    /// <summary>A state as it shows itself to people: by its own class, unless its base says how derived ones are written.</summary>
    /// <exception cref="JsonException">It cannot be written.</exception>
    internal byte[] SerializeShown<TState>(TState state)
    {
        var info = writeOptions.GetTypeInfo(typeof(TState));
        if (state is not null && info.PolymorphismOptions is null && state.GetType() != typeof(TState))
        {
            info = writeOptions.GetTypeInfo(state.GetType());
        }

        return JsonSerializer.SerializeToUtf8Bytes(state, info);
    }

    /// <summary>A snapshot's form from JSON.</summary>
    internal TSnapshot DeserializeState<TSnapshot>(ReadOnlyMemory<byte> json)
    {
        var info = (JsonTypeInfo<TSnapshot>)readOptions.GetTypeInfo(typeof(TSnapshot));
        return (Personal is null ? JsonSerializer.Deserialize(json.Span, info) : Personal.Read(json.Span, info))
            ?? throw new JsonException("the snapshot is the JSON value null.");
    }

    private sealed record KnownFilter((object Names, object Steps) Of, EventFilter Filter);
}
