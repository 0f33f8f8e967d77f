using EventSourcing;

namespace Boundaries.Submissions;

/// <summary>An application was submitted.</summary>
/// <param name="SubmissionId">Made by the form before it is sent, so that sending it again is the same submission.</param>
/// <param name="Applicant">Who applies.</param>
/// <param name="Text">For what.</param>
[EventType("application-submitted")]
public sealed record ApplicationSubmitted([Tag("submission")] Guid SubmissionId, string Applicant, string Text);
