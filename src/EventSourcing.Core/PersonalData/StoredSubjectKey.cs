namespace EventSourcing;

/// <summary>The key of a subject, as it is stored.</summary>
/// <param name="Subject">The subject.</param>
/// <param name="Key">Its key; null where the subject is forgotten.</param>
public sealed record StoredSubjectKey(string Subject, WrappedKey? Key);
