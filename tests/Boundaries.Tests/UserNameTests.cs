using Boundaries.UserNames;

namespace Boundaries;

/// <summary>Nobody has a name that another has, or had a short while ago.</summary>
public sealed class UserNameTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public static TheoryData<bool> Stores => RunningBoundaries.Stores;

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task Of_many_who_claim_a_name_one_gets_it(bool isPostgreSql)
    {
        await using var app = await RunningBoundaries.StartAsync(isPostgreSql);
        for (var round = 0; round < 5; round++)
        {
            (await app.RaceAsync(Enumerable.Range(0, 16).Select(user => new ClaimUserName(user % 2 == 0 ? $"Ada{round}" : $" ADA{round}", $"u{round}-{user}", Now)))).Should().Be((1, 0, 15));
        }

        (await app.HistoryAsync()).Should().HaveCount(5);
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_name_that_was_given_up_is_free_again_when_its_period_is_over(bool isPostgreSql)
    {
        await using var app = await RunningBoundaries.StartAsync(isPostgreSql);
        await app.DecideAsync(new ClaimUserName("ada", "u1", Now));
        await app.DecideAsync(new ReleaseUserName("u1", Now));

        await app.RefusesAsync(new ClaimUserName("ada", "u2", Now + ClaimUserName.ReleasePeriod - TimeSpan.FromSeconds(1)), "The name ada is taken.");
        (await app.RaceAsync(Enumerable.Range(2, 16).Select(user => new ClaimUserName("ada", $"u{user}", Now + ClaimUserName.ReleasePeriod)))).Should().Be((1, 0, 15));
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task Two_who_change_to_each_others_names_do_not_get_them(bool isPostgreSql)
    {
        await using var app = await RunningBoundaries.StartAsync(isPostgreSql);
        await app.DecideAsync(new ClaimUserName("ada", "u1", Now));
        await app.DecideAsync(new ClaimUserName("bob", "u2", Now));

        (await app.RaceAsync([new ClaimUserName("bob", "u1", Now), new ClaimUserName("ada", "u2", Now)])).Should().Be((0, 0, 2));
    }

    [Fact]
    public void A_user_who_takes_another_name_gives_the_old_one_up_in_the_same_step()
    {
        var claim = new ClaimUserName("Lovelace", "u1", Now);
        RunningBoundaries.Given(claim, new UserNameClaimed("ada", "u1"), new UserNameClaimed("bob", "u2")).When(claim.Decide)
            .Then(new UserNameReleased("ada", "u1", Now), new UserNameClaimed("lovelace", "u1"));
        RunningBoundaries.Given(claim, new UserNameClaimed("lovelace", "u1")).When(claim.Decide).ThenNothing();
    }

    [Fact]
    public void The_last_holder_may_come_back_at_once()
    {
        var claim = new ClaimUserName("ada", "u1", Now);
        RunningBoundaries.Given(claim, new UserNameClaimed("ada", "u1"), new UserNameReleased("ada", "u1", Now)).When(claim.Decide).Then(new UserNameClaimed("ada", "u1"));
        RunningBoundaries.Given(claim, new UserNameClaimed("ada", "u2"), new UserNameReleased("ada", "u2", Now)).When(claim.Decide).ThenThrows<RefusedException>();
    }

    [Fact]
    public void Who_has_no_name_gives_none_up()
    {
        var release = new ReleaseUserName("u1", Now);
        RunningBoundaries.Given(release).When(release.Decide).ThenNothing();
        RunningBoundaries.Given(release, new UserNameClaimed("ada", "u1"), new UserNameReleased("ada", "u1", Now)).When(release.Decide).ThenNothing();
    }
}
