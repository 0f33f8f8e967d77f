using EventSourcing;

namespace Boundaries.Courses;

/// <summary>Subscribes a student to a course: no more than have room in it, and no more than ten courses for each student.</summary>
public sealed class Subscribe(string courseId, string studentId) : IDecision
{
    /// <summary>How many courses a student takes at most.</summary>
    public const int MaxCourses = 10;

    private readonly DecisionProjection<int?> capacity = CourseProjections.CapacityOf(courseId);
    private readonly DecisionProjection<int> taken = CourseProjections.TakenOf(courseId);
    private readonly DecisionProjection<int> courses = CourseProjections.CoursesOf(studentId);
    private readonly DecisionProjection<bool> takesIt = CourseProjections.Takes(studentId, courseId);

    /// <inheritdoc/>
    public IReadOnlyList<DecisionProjection> Projections => [capacity, taken, courses, takesIt];

    /// <inheritdoc/>
    public IEnumerable<object> Decide(DecisionState known)
    {
        if (known.Of(takesIt))
        {
            return [];
        }

        if (known.Of(capacity) is not { } room)
        {
            throw new RefusedException($"There is no course {courseId}.");
        }

        if (known.Of(taken) >= room)
        {
            throw new RefusedException($"Course {courseId} is full.");
        }

        return known.Of(courses) >= MaxCourses
            ? throw new RefusedException($"Student {studentId} takes {MaxCourses} courses already.")
            : [new StudentSubscribed(courseId, studentId)];
    }
}
