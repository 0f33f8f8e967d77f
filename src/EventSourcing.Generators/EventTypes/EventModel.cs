namespace EventSourcing.Generators.EventTypes;

/// <summary>An event class.</summary>
/// <param name="Type">How generated code names it.</param>
/// <param name="StoredName">The name that is stored.</param>
internal sealed record EventModel(string Type, string StoredName);
