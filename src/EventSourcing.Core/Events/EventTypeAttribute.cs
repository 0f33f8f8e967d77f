namespace EventSourcing;

/// <summary>
/// The stored name of an event type: chosen once and kept, whatever becomes of the class's name and place.
/// </summary>
/// <param name="name">The name, for example <c>order-placed</c>.</param>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct, Inherited = false)]
public sealed class EventTypeAttribute(string name) : Attribute
{
    /// <summary>The stored name.</summary>
    public string Name { get; } = name;
}
