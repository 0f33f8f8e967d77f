using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace EventSourcing;

/// <summary>Turns stored bytes into events, through the upcasters where there are any for their type.</summary>
internal sealed class EventReading(EventTypeRegistry types, JsonSerializerOptions options)
{
    // By stored name; read for each event, so asked for once. Those that are lifted are not among them.
    private readonly ConcurrentDictionary<string, JsonTypeInfo> direct = new(StringComparer.Ordinal);

    /// <summary>Whether any event may be lifted, which may take its metadata.</summary>
    public bool Lifts => !types.Upcasters.IsEmpty;

    /// <summary>Whether events of a stored name can be read.</summary>
    public bool Knows(string name) => types.TryGetType(name, out _) || types.Upcasters.Current.ByName.ContainsKey(name);

    /// <summary>Reads an event.</summary>
    public LiftedEvents Read(string type, ReadOnlySpan<byte> payload, EventPlace place, ReadOnlyMemory<byte> metadata)
    {
        try
        {
            if (direct.TryGetValue(type, out var known))
            {
                return new LiftedEvents(Parse(payload, known));
            }

            var steps = types.Upcasters.Current;
            if (!steps.ByName.ContainsKey(type))
            {
                var made = InfoOf(type, place);
                if (!steps.ByClass.ContainsKey(made.Type))
                {
                    return new LiftedEvents(Parse(payload, direct.GetOrAdd(type, made)));
                }

                var events = new List<object>();
                LiftClass(Parse(payload, made), steps, new UpcastContext(type, place, metadata), events);
                return new LiftedEvents(events);
            }

            var all = new List<object>();
            var json = JsonNode.Parse(payload, documentOptions: new JsonDocumentOptions { MaxDepth = options.MaxDepth }) as JsonObject
                ?? throw new JsonException("only a JSON object can be lifted.");
            LiftJson(new EventJson(type, json), steps, place, new UpcastContext(type, place, metadata), all);
            return new LiftedEvents(all);
        }
        catch (Exception unreadable) when (unreadable is not (UnknownEventTypeException or EventSerializationException))
        {
            throw EventSerializationException.OnRead(place, type, "payload", unreadable);
        }
    }

    private static object Parse(ReadOnlySpan<byte> payload, JsonTypeInfo info) =>
        JsonSerializer.Deserialize(payload, info) ?? throw new JsonException("the payload is the JSON value null.");

    private void LiftJson(EventJson json, EventUpcasters.Steps steps, EventPlace place, UpcastContext context, List<object> events)
    {
        if (!steps.ByName.TryGetValue(json.Type, out var step))
        {
            var read = json.Payload.Deserialize(InfoOf(json.Type, place)) ?? throw new JsonException("the payload is the JSON value null.");
            LiftClass(read, steps, context, events);
            return;
        }

        foreach (var next in Run(step, json, context))
        {
            if (!step.Into.Contains(next.Type, StringComparer.Ordinal))
            {
                throw new JsonException($"the upcaster of '{json.Type}' has made '{next.Type}', which it did not declare.");
            }

            LiftJson(next, steps, place, context, events);
        }
    }

    private static void LiftClass(object @event, EventUpcasters.Steps steps, UpcastContext context, List<object> events)
    {
        if (!steps.ByClass.TryGetValue(@event.GetType(), out var step))
        {
            events.Add(@event);
            return;
        }

        foreach (var next in Run(step, @event, context))
        {
            if (!step.Into.Contains(next.GetType()))
            {
                throw new JsonException($"the upcaster of {@event.GetType().FullName} has made a {next.GetType().FullName}, which it did not declare.");
            }

            LiftClass(next, steps, context, events);
        }
    }

    private static TEvent[] Run<TKey, TEvent>(EventUpcasters.Step<TKey, TEvent> step, TEvent @event, UpcastContext context)
    {
        try
        {
            var made = step.Lift(@event, context).ToArray();
            return made.Contains(default) ? throw new InvalidOperationException("an upcaster has made null.") : made;
        }
        catch (Exception failure) when (failure is not EventSerializationException)
        {
            throw new JsonException($"its upcaster failed: {failure.Message}", failure);
        }
    }

    private JsonTypeInfo InfoOf(string name, EventPlace place) => types.TryGetType(name, out var type)
        ? options.GetTypeInfo(type)
        : throw new UnknownEventTypeException(name, place);
}
