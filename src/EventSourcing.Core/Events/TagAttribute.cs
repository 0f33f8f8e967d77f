namespace EventSourcing;

/// <summary>Tags the events of a class, so that queries and consistency boundaries find them; see <see cref="Tag"/>.</summary>
/// <remarks>
/// On a property, or on the parameter of a record that makes one, the tag is <c>kind:value</c>, the value formatted with the
/// invariant culture; a collection gives a tag for each element, null gives none. On the class itself each event has the tag
/// <paramref name="kind"/> as it stands. Derived classes have the tags of their bases. Tags are stored with the event when it is appended: changing the attribute changes no event
/// that is stored.
/// </remarks>
/// <param name="kind">The kind, or the whole tag on a class.</param>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct | AttributeTargets.Property | AttributeTargets.Parameter, Inherited = true, AllowMultiple = true)]
public sealed class TagAttribute(string kind) : Attribute
{
    /// <summary>The kind, or the whole tag on a class.</summary>
    public string Kind { get; } = kind;
}
