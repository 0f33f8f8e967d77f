using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace EventSourcing;

/// <summary>Turns stored bytes into events, through the upcasters where there are any for their type.</summary>
internal sealed class EventReading(EventTypeRegistry types, JsonSerializerOptions options, PersonalJson? personal)
{
    private readonly EventUpcasters.Steps steps = types.Upcasters.Use(types);

    // By stored name; read for each event, so asked for once. Those that are lifted are not among them.
    private readonly ConcurrentDictionary<string, JsonTypeInfo> direct = new(StringComparer.Ordinal);

    /// <summary>Whether events of any name are lifted.</summary>
    public bool LiftsAny => steps.ByName.Count > 0 || steps.ByClass.Count > 0;

    /// <summary>Whether events of a stored name are lifted, for which the whole recorded event is needed.</summary>
    public bool Lifts(string name) => LiftsAny && !direct.ContainsKey(name)
        && (steps.ByName.ContainsKey(name) || (types.TryGetType(name, out var type) && steps.ByClass.ContainsKey(type)));

    /// <summary>Whether events of a stored name can be read.</summary>
    public bool Knows(string name) => types.TryGetType(name, out _) || steps.ByName.ContainsKey(name);

    /// <summary>Reads an event, lifted to what it is by now.</summary>
    public LiftedEvents Read(RecordedEvent recorded)
    {
        if (!Lifts(recorded.Type))
        {
            return new LiftedEvents(Read(recorded.Type, recorded.Data.Span, EventPlace.Of(recorded)));
        }

        var lifting = new EventLifting(steps, recorded, Parse);
        try
        {
            var payload = Revealed(recorded.Data.Span);
            if (steps.ByName.ContainsKey(recorded.Type))
            {
                var json = JsonNode.Parse(payload, documentOptions: new JsonDocumentOptions { MaxDepth = options.MaxDepth }) as JsonObject;
                lifting.Json(new EventJson(recorded.Type, json ?? throw new JsonException("only a JSON object can be lifted.")));
            }
            else
            {
                lifting.Class(Parse(payload, InfoOf(recorded.Type, EventPlace.Of(recorded))));
            }
        }
        catch (Exception unreadable) when (IsOfEvent(unreadable))
        {
            throw Unreadable(EventPlace.Of(recorded), recorded.Type, recorded.Data.Span, unreadable);
        }

        return new LiftedEvents(lifting.Made);
    }

    /// <summary>Reads an event of a name that is not lifted.</summary>
    public object Read(string type, ReadOnlySpan<byte> payload, EventPlace place)
    {
        try
        {
            return Parse(Revealed(payload), direct.TryGetValue(type, out var known) ? known : direct.GetOrAdd(type, InfoOf(type, place)));
        }
        catch (Exception unreadable) when (IsOfEvent(unreadable))
        {
            throw Unreadable(place, type, payload, unreadable);
        }
    }

    private ReadOnlySpan<byte> Revealed(ReadOnlySpan<byte> payload) => personal is null ? payload : personal.Reveal(payload);

    // A store of keys that cannot be reached says nothing of the event.
    private static bool IsOfEvent(Exception failure) => failure is not (UnknownEventTypeException or EventSerializationException or EventStoreUnavailableException);

    // What a constructor or a converter says may repeat what it was given, and ends up in logs and dead letters.
    private static EventSerializationException Unreadable(EventPlace place, string type, ReadOnlySpan<byte> stored, Exception unreadable) =>
        PersonalReading.IsIn(stored) && unreadable is not PersonalDataException
            ? EventSerializationException.OnReadPersonal(place, type, unreadable)
            : EventSerializationException.OnRead(place, type, "payload", unreadable);

    private object Parse(EventJson json, EventPlace place) => json.Payload.Deserialize(InfoOf(json.Type, place)) ?? throw IsNull();

    private static object Parse(ReadOnlySpan<byte> payload, JsonTypeInfo info) => JsonSerializer.Deserialize(payload, info) ?? throw IsNull();

    private static JsonException IsNull() => new("the payload is the JSON value null.");

    private JsonTypeInfo InfoOf(string name, EventPlace place) => types.TryGetType(name, out var type)
        ? options.GetTypeInfo(type)
        : throw new UnknownEventTypeException(name, place, types.OtherVersionOf(name));
}
