using Boundaries.Submissions;

namespace Boundaries;

/// <summary>A form that is sent twice is taken once.</summary>
public sealed class SubmissionTests
{
    private static readonly Guid Form = Guid.CreateVersion7();

    public static TheoryData<bool> Stores => RunningBoundaries.Stores;

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_form_that_is_sent_many_times_at_once_is_taken_once(bool isPostgreSql)
    {
        await using var app = await RunningBoundaries.StartAsync(isPostgreSql);
        for (var round = 0; round < 5; round++)
        {
            var form = Guid.CreateVersion7();
            (await app.RaceAsync(Enumerable.Range(0, 16).Select(_ => new SubmitApplication(form, "Ada", "a card")))).Should().Be((1, 15, 0));
            await app.RefusesAsync(new SubmitApplication(form, "Ada", "two cards"), "Another application*");
        }

        (await app.HistoryAsync()).Should().HaveCount(5);
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task Forms_of_their_own_are_all_taken(bool isPostgreSql)
    {
        await using var app = await RunningBoundaries.StartAsync(isPostgreSql);

        (await app.RaceAsync(Enumerable.Range(0, 32).Select(_ => new SubmitApplication(Guid.CreateVersion7(), "Ada", "a card")))).Should().Be((32, 0, 0));
    }

    [Fact]
    public void Only_the_very_same_is_taken_for_a_repetition()
    {
        var submit = new SubmitApplication(Form, "Ada", "a card");
        RunningBoundaries.Given(submit).When(submit.Decide).Then(new ApplicationSubmitted(Form, "Ada", "a card"));
        RunningBoundaries.Given(submit, new ApplicationSubmitted(Form, "Ada", "a card")).When(submit.Decide).ThenNothing();
        RunningBoundaries.Given(submit, new ApplicationSubmitted(Form, "Bob", "a card")).When(submit.Decide).ThenThrows<RefusedException>();
        RunningBoundaries.Given(submit, new ApplicationSubmitted(Guid.CreateVersion7(), "Ada", "a card")).When(submit.Decide).Then(new ApplicationSubmitted(Form, "Ada", "a card"));
    }
}
