namespace EventSourcing;

/// <summary>Which events of the log a reader asks for: those whose category and type are both among the named ones.</summary>
public sealed record EventFilter
{
    /// <summary>Every event.</summary>
    public static EventFilter All { get; } = new();

    /// <summary>The categories of streams; empty means every category.</summary>
    public IReadOnlyCollection<string> Categories { get; init; } = [];

    /// <summary>The stored names of event types; empty means every type.</summary>
    public IReadOnlyCollection<string> EventTypes { get; init; } = [];

    /// <summary>Whether an event of this category and type passes.</summary>
    /// <param name="category">The category of the event's stream.</param>
    /// <param name="eventType">The stored name of the event's type.</param>
    public bool Matches(string category, string eventType) =>
        (Categories.Count == 0 || Categories.Contains(category)) && (EventTypes.Count == 0 || EventTypes.Contains(eventType));
}
