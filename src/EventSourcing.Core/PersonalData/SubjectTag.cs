namespace EventSourcing;

/// <summary>The tag by which the events are found that hold a subject's data: <c>subject:…</c>.</summary>
internal static class SubjectTag
{
    private const string Kind = "subject";

    /// <summary>The tag of a subject.</summary>
    /// <exception cref="ArgumentException">No subject can be called this.</exception>
    public static Tag Of(string subject) => Tag.For(Kind, subject);

    /// <summary>A subject as a text, by the rules for ids in tags.</summary>
    /// <exception cref="ArgumentException">The value is empty, too long, or makes no tag otherwise.</exception>
    public static string Text(object id) => Tag.For(Kind, id).Value[(Kind.Length + 1)..];
}
