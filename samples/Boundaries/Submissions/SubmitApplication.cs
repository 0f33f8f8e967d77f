using EventSourcing;

namespace Boundaries.Submissions;

/// <summary>Takes an application once, however often its form is sent.</summary>
public sealed class SubmitApplication(Guid submissionId, string applicant, string text) : IDecision
{
    private readonly DecisionProjection<ApplicationSubmitted?> earlier =
        new DecisionProjection<ApplicationSubmitted?>(null, Tag.For("submission", submissionId)).On<ApplicationSubmitted>((_, submitted) => submitted);

    /// <inheritdoc/>
    public IReadOnlyList<DecisionProjection> Projections => [earlier];

    /// <inheritdoc/>
    public IEnumerable<object> Decide(DecisionState known)
    {
        var submitted = new ApplicationSubmitted(submissionId, applicant, text);
        return known.Of(earlier) switch
        {
            null => [submitted],
            var same when same == submitted => [],
            _ => throw new RefusedException("Another application was submitted under this number."),
        };
    }
}
