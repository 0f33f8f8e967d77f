namespace EventSourcing;

/// <summary>
/// Marks what is personal: it is stored encrypted with a key of its subject, and can no longer be read by anybody once that key is
/// deleted. See <see cref="DataSubjectAttribute"/> and <see cref="DataSubjects.ForgetAsync"/>.
/// </summary>
/// <remarks>
/// On a property of an event, or of anything inside one, of a snapshot or of a view: its whole value. On a class: every property of it,
/// wherever one of its kind stands, but the one that names the subject. The compiler refuses it on a constructor's parameter: for a record write
/// <c>[property: PersonalData]</c>.
/// </remarks>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Class | AttributeTargets.Struct)]
public sealed class PersonalDataAttribute : Attribute
{
    /// <summary>The name of the property of the same class that holds the subject; by default the one with a
    /// <see cref="DataSubjectAttribute"/>, of this class or of the nearest object around it that has one.</summary>
    public string? Subject { get; init; }
}
