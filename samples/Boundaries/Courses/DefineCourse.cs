using EventSourcing;

namespace Boundaries.Courses;

/// <summary>Offers a course, once, or changes how many have room in it.</summary>
public sealed class DefineCourse(string courseId, int capacity) : IDecision
{
    private readonly DecisionProjection<int?> current = CourseProjections.CapacityOf(courseId);

    /// <inheritdoc/>
    public IReadOnlyList<DecisionProjection> Projections => [current];

    /// <inheritdoc/>
    public IEnumerable<object> Decide(DecisionState known) => known.Of(current) switch
    {
        _ when capacity < 1 => throw new RefusedException("A course has room for somebody."),
        null => [new CourseDefined(courseId, capacity)],
        var room when room == capacity => [],
        _ => [new CapacityChanged(courseId, capacity)],
    };
}
