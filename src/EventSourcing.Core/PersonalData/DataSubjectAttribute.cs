namespace EventSourcing;

/// <summary>
/// Marks the property that says whose personal data the object holds: the subject, under whose key it is encrypted.
/// </summary>
/// <remarks>
/// A text, a <see cref="Guid"/>, a number or whatever else makes a <see cref="Tag"/>; it is stored as it stands, in the event and as its
/// tag <c>subject:…</c>, and stays after the subject was forgotten. So let it be an id that says nothing by itself, not a
/// name and not an address. One for each class; others are named by <see cref="PersonalDataAttribute.Subject"/>. For a
/// record write <c>[property: DataSubject]</c>.
/// </remarks>
[AttributeUsage(AttributeTargets.Property)]
public sealed class DataSubjectAttribute : Attribute;
