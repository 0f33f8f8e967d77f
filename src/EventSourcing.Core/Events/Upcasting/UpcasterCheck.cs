namespace EventSourcing;

/// <summary>What can be wrong with steps as a whole, told at start and not by the first old event that is read.</summary>
internal static class UpcasterCheck
{
    public static void ThrowIfWrong(EventUpcasters.Steps steps, EventTypeRegistry types)
    {
        foreach (var (from, step) in steps.ByName)
        {
            if (types.TryGetType(from, out var current))
            {
                throw new InvalidOperationException(
                    $"'{from}' is lifted as JSON, but new events of {current.FullName} are stored under this name and would be lifted too: give its [EventType] another Version, or lift it from class to class.");
            }

            foreach (var to in step.Into)
            {
                if (!types.TryGetType(to, out _) && !steps.ByName.ContainsKey(to))
                {
                    throw new InvalidOperationException($"'{from}' is lifted to '{to}', which is neither registered nor lifted further.");
                }
            }
        }

        var read = types.Types.Concat(steps.ByClass.Values.SelectMany(step => step.Into)).ToHashSet();
        if (steps.ByClass.Keys.FirstOrDefault(type => !read.Contains(type)) is { } unread)
        {
            throw new InvalidOperationException(
                $"{unread.FullName} is lifted, but registered under no name: no event is ever read as one. Register it under the name that is stored.");
        }
    }
}
