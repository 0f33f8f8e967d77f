using System.Text.Json;
using System.Text.Json.Nodes;

namespace EventSourcing;

/// <summary>Lifts one stored event, depth first: what a step makes goes through all of its own steps before what stands beside it.</summary>
internal sealed class EventLifting(EventUpcasters.Steps steps, RecordedEvent recorded, Func<EventJson, EventPlace, object> parse)
{
    private readonly UpcastContext context = new(recorded);

    /// <summary>What has come of it so far.</summary>
    public List<object> Made { get; } = [];

    /// <summary>Lifts an event as JSON, and then as the class that it has come to.</summary>
    public void Json(EventJson json)
    {
        if (!steps.ByName.TryGetValue(json.Type, out var step))
        {
            Class(parse(json, EventPlace.Of(recorded)));
            return;
        }

        var made = Run(step, json, json.Type);
        for (var i = 0; i < made.Length; i++)
        {
            var next = made[i];
            ThrowIfUndeclared(json.Type, next.Type, step.Into.Contains(next.Type, StringComparer.Ordinal));
            if (next.Payload is null)
            {
                throw new JsonException($"the upcaster of '{json.Type}' has made '{next.Type}' without a payload.");
            }

            // Steps change payloads in place: what two events share would be changed for both.
            if (made.Take(i).Any(before => before.Payload == next.Payload))
            {
                made[i] = next with { Payload = (JsonObject)next.Payload.DeepClone() };
            }
        }

        Array.ForEach(made, Json);
    }

    /// <summary>Lifts an event as a class.</summary>
    public void Class(object @event)
    {
        var type = @event.GetType();
        if (!steps.ByClass.TryGetValue(type, out var step))
        {
            Made.Add(@event);
            return;
        }

        foreach (var next in Run(step, @event, type.FullName))
        {
            ThrowIfUndeclared(type.FullName, next.GetType().FullName, step.Into.Contains(next.GetType()));
            Class(next);
        }
    }

    private TEvent[] Run<TKey, TEvent>(EventUpcasters.Step<TKey, TEvent> step, TEvent @event, string? name)
        where TEvent : class
    {
        TEvent[]? made;
        try
        {
            made = step.Lift(@event, context)?.ToArray();
        }
        catch (Exception failure) when (failure is not EventSerializationException)
        {
            if (PersonalReading.IsIn(recorded.Data.Span))
            {
                throw EventSerializationException.OnReadPersonal(EventPlace.Of(recorded), recorded.Type, failure);
            }

            throw EventSerializationException.OnRead(
                EventPlace.Of(recorded), recorded.Type, "payload", failure, $"the upcaster of '{name}' failed: ");
        }

        return made is null || made.Contains(null!) ? throw new JsonException($"the upcaster of '{name}' has made null.") : made;
    }

    private static void ThrowIfUndeclared(string? from, string? to, bool isDeclared)
    {
        if (!isDeclared)
        {
            throw new JsonException($"the upcaster of '{from}' has made '{to}', which it did not declare.");
        }
    }
}
