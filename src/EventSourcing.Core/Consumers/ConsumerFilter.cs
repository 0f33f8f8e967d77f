namespace EventSourcing;

/// <summary>Which events of the log a consumer is to see.</summary>
internal static class ConsumerFilter
{
    /// <summary>The filter for what a consumer declares.</summary>
    /// <exception cref="InvalidOperationException">The consumer handles a class of which no event type is registered.</exception>
    public static EventFilter Of(IEventConsumer consumer, EventTypeRegistry types)
    {
        if (consumer.EventTypes.Count == 0)
        {
            return new EventFilter { Categories = consumer.Categories };
        }

        var names = new List<string>();
        foreach (var declared in consumer.EventTypes)
        {
            var known = types.Types.Where(declared.IsAssignableFrom).Select(types.NameOf).ToArray();
            if (known.Length == 0)
            {
                throw new InvalidOperationException(
                    $"'{consumer.Name}' handles {declared.FullName}, but no such event type is registered.");
            }

            names.AddRange(known);
        }

        return new EventFilter { Categories = consumer.Categories, EventTypes = [.. names.Distinct(StringComparer.Ordinal)] };
    }
}
