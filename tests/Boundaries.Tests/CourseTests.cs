using Boundaries.Courses;

namespace Boundaries;

/// <summary>A course has no more students than room, a student no more than ten courses.</summary>
public sealed class CourseTests
{
    private static readonly CourseDefined Logic = new("logic", 2);

    public static TheoryData<bool> Stores => RunningBoundaries.Stores;

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task Students_who_race_for_a_course_fill_it_and_no_more(bool isPostgreSql)
    {
        await using var app = await RunningBoundaries.StartAsync(isPostgreSql);
        await app.DecideAsync(new DefineCourse("logic", 4));
        await app.DecideAsync(new DefineCourse("logic", 5));

        (await app.RaceAsync(Enumerable.Range(0, 16).Select(student => new Subscribe("logic", $"s{student}")))).Should().Be((5, 0, 11));

        var subscribed = (await app.HistoryAsync()).OfType<StudentSubscribed>().ToList();
        subscribed.Should().HaveCount(5).And.OnlyHaveUniqueItems();
        await app.RefusesAsync(new Subscribe("logic", "late"), "Course logic is full.");
        (await app.DecideAsync(new Subscribe("logic", subscribed[0].StudentId))).Events.Should().BeEmpty("that student takes it already");
        await app.DecideAsync(new DefineCourse("logic", 6));
        await app.DecideAsync(new Subscribe("logic", "late"));
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_student_who_wants_everything_at_once_gets_ten_courses(bool isPostgreSql)
    {
        await using var app = await RunningBoundaries.StartAsync(isPostgreSql);
        (await app.RaceAsync(Enumerable.Range(0, 14).Select(course => new DefineCourse($"c{course}", 1)))).Should().Be((14, 0, 0));

        (await app.RaceAsync(Enumerable.Range(0, 14).Select(course => new Subscribe($"c{course}", "ada")))).Should().Be((10, 0, 4));
        (await app.RaceAsync(Enumerable.Range(0, 14).Select(course => new Subscribe($"c{course}", $"other{course % 4}")))).Should().Be((4, 0, 10));
    }

    [Fact]
    public void A_course_with_room_is_subscribed_to_once()
    {
        var subscribe = new Subscribe("logic", "ada");
        RunningBoundaries.Given(subscribe, Logic, new StudentSubscribed("logic", "bob")).When(subscribe.Decide).Then(new StudentSubscribed("logic", "ada"));
        RunningBoundaries.Given(subscribe, Logic, new StudentSubscribed("logic", "ada")).When(subscribe.Decide).ThenNothing();
    }

    [Fact]
    public void A_full_course_one_too_many_and_one_that_is_not_there_are_refused()
    {
        var subscribe = new Subscribe("logic", "ada");
        RunningBoundaries.Given(subscribe, Logic, new StudentSubscribed("logic", "bob"), new StudentSubscribed("logic", "cyd"))
            .When(subscribe.Decide).ThenThrows<RefusedException>(refusal => refusal.Message.Contains("full", StringComparison.Ordinal));
        RunningBoundaries.Given(subscribe, [Logic, .. Enumerable.Range(0, 10).Select(other => new StudentSubscribed($"c{other}", "ada"))])
            .When(subscribe.Decide).ThenThrows<RefusedException>(refusal => refusal.Message.Contains("10 courses", StringComparison.Ordinal));
        RunningBoundaries.Given(subscribe, new CourseDefined("ethics", 2)).When(subscribe.Decide).ThenThrows<RefusedException>();
    }

    [Fact]
    public void Others_do_not_count()
    {
        var subscribe = new Subscribe("logic", "ada");
        RunningBoundaries.Given(subscribe, [Logic, new CapacityChanged("ethics", 0), .. Enumerable.Range(0, 9).Select(other => new StudentSubscribed($"c{other}", "ada")), new StudentSubscribed("c", "bob")])
            .When(subscribe.Decide).Then(new StudentSubscribed("logic", "ada"));
    }

    [Fact]
    public void A_course_is_defined_once_and_may_change_its_room()
    {
        var define = new DefineCourse("logic", 2);
        RunningBoundaries.Given(define).When(define.Decide).Then(Logic);
        RunningBoundaries.Given(define, Logic).When(define.Decide).ThenNothing();
        RunningBoundaries.Given(define, new CourseDefined("logic", 3)).When(define.Decide).Then(new CapacityChanged("logic", 2));
        var closet = new DefineCourse("logic", 0);
        RunningBoundaries.Given(closet).When(closet.Decide).ThenThrows<RefusedException>();
    }
}
