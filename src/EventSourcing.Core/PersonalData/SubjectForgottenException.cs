namespace EventSourcing;

/// <summary>An event holds personal data of a subject that was forgotten: it cannot be stored, and nothing was. Of that subject nothing personal is
/// taken any more; a person who comes back is a new subject, with an id of their own.</summary>
public sealed class SubjectForgottenException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="subject">The subject.</param>
    public SubjectForgottenException(string subject)
        : base($"Subject '{subject}' is forgotten: nothing personal of it is stored any more. Nothing was written.") => Subject = subject;

    /// <summary>The subject.</summary>
    public string Subject { get; }
}
