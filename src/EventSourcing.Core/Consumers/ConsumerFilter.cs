namespace EventSourcing;

/// <summary>Which events of the log a consumer is to see.</summary>
internal static class ConsumerFilter
{
    /// <summary>The filter for what a consumer declares.</summary>
    /// <exception cref="InvalidOperationException">The consumer handles a class of which no event type is registered, or whose events are
    /// lifted to others.</exception>
    public static EventFilter Of(IEventConsumer consumer, EventTypeRegistry types) =>
        Of(consumer.Name, consumer.EventTypes, consumer.Categories, types);

    /// <summary>The same, by its parts.</summary>
    public static EventFilter Of(
        string consumer, IReadOnlyCollection<Type> eventTypes, IReadOnlyCollection<string> categories, EventTypeRegistry types)
    {
        if (eventTypes.Count == 0)
        {
            return new EventFilter { Categories = categories };
        }

        var names = new List<string>();
        foreach (var declared in eventTypes)
        {
            var known = types.StoredNamesOf(declared);
            if (known.Count == 0)
            {
                throw new InvalidOperationException(types.Upcasters.Current.ByClass.TryGetValue(declared, out var step)
                    ? $"'{consumer}' handles {declared.FullName}, but an upcaster makes {Names(step.Into)} of each of these events: handle what it makes."
                    : $"'{consumer}' handles {declared.FullName}, but no such event type is registered.");
            }

            names.AddRange(known);
        }

        return new EventFilter { Categories = categories, EventTypes = [.. names.Distinct(StringComparer.Ordinal)] };
    }

    /// <summary>Leaves out what upcasters have made beside what the consumer declares.</summary>
    public static void RemoveOthers(List<EventEnvelope> events, IReadOnlyCollection<Type> eventTypes, EventTypeRegistry types)
    {
        if (eventTypes.Count > 0 && !types.Upcasters.IsEmpty)
        {
            events.RemoveAll(envelope => !eventTypes.Any(declared => declared.IsAssignableFrom(envelope.Event.GetType())));
        }
    }

    private static string Names(IReadOnlyList<Type> types) => types.Count == 0 ? "nothing" : string.Join(" and ", types.Select(type => type.FullName));
}
