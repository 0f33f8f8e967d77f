using System.Globalization;

namespace EventSourcing;

/// <summary>
/// The stored name of an event type: chosen once and kept, whatever becomes of the class's name and place.
/// </summary>
/// <param name="name">The name, for example <c>order-placed</c>.</param>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct, Inherited = false)]
public sealed class EventTypeAttribute(string name) : Attribute
{
    /// <summary>The name, the same for all versions. It does not end as a version does: <c>@</c> and digits.</summary>
    public string Name { get; } = name;

    /// <summary>The version of the event's shape, 1 by default. Raise it when stored events no longer fit the class, and lift the older
    /// ones with <see cref="EventUpcasters"/>.</summary>
    public int Version { get; init; } = 1;

    /// <summary>What is stored with each event: the name alone for version 1, <c>name@2</c> for version 2, and so on.</summary>
    public string StoredName => Version == 1 ? Name : string.Create(CultureInfo.InvariantCulture, $"{Name}@{Version}");

    /// <summary>What stands before the version in a stored name; null where it has none.</summary>
    internal static string? Unversioned(string storedName) =>
        storedName.LastIndexOf('@') is >= 0 and var at && at + 1 < storedName.Length && !storedName.AsSpan(at + 1).ContainsAnyExceptInRange('0', '9')
            ? storedName[..at]
            : null;
}
