using EventSourcing;

namespace Boundaries.Courses;

/// <summary>What can be known of courses and students, one thing each.</summary>
internal static class CourseProjections
{
    /// <summary>How many have room; null where there is no such course.</summary>
    public static DecisionProjection<int?> CapacityOf(string courseId) => new DecisionProjection<int?>(null, Tag.For("course", courseId))
        .On<CourseDefined>((_, defined) => defined.Capacity)
        .On<CapacityChanged>((_, changed) => changed.Capacity);

    /// <summary>How many take part.</summary>
    public static DecisionProjection<int> TakenOf(string courseId) =>
        new DecisionProjection<int>(0, Tag.For("course", courseId)).On<StudentSubscribed>((count, _) => count + 1);

    /// <summary>In how many courses a student takes part.</summary>
    public static DecisionProjection<int> CoursesOf(string studentId) =>
        new DecisionProjection<int>(0, Tag.For("student", studentId)).On<StudentSubscribed>((count, _) => count + 1);

    /// <summary>Whether the student takes part in the course: events that have both tags.</summary>
    public static DecisionProjection<bool> Takes(string studentId, string courseId) =>
        new DecisionProjection<bool>(false, Tag.For("student", studentId), Tag.For("course", courseId)).On<StudentSubscribed>((_, _) => true);
}
