using EventSourcing;

namespace Boundaries.Courses;

/// <summary>There is a course.</summary>
/// <param name="CourseId">The course.</param>
/// <param name="Capacity">How many students have room.</param>
[EventType("course-defined")]
public sealed record CourseDefined([Tag("course")] string CourseId, int Capacity);

/// <summary>The course has moved to a larger or smaller room.</summary>
/// <param name="CourseId">The course.</param>
/// <param name="Capacity">How many students have room now.</param>
[EventType("course-capacity-changed")]
public sealed record CapacityChanged([Tag("course")] string CourseId, int Capacity);

/// <summary>A student takes part: an event of both, of the course and of the student.</summary>
/// <param name="CourseId">The course.</param>
/// <param name="StudentId">The student.</param>
[EventType("student-subscribed")]
public sealed record StudentSubscribed([Tag("course")] string CourseId, [Tag("student")] string StudentId);
