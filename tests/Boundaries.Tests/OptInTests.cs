using Boundaries.OptIn;

namespace Boundaries;

/// <summary>A token is used once, in time, by whom it was sent to.</summary>
public sealed class OptInTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly OptInRequested Requested = new("bob", "4711", Now + RequestOptIn.Validity);

    public static TheoryData<bool> Stores => RunningBoundaries.Stores;

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_token_is_used_once_however_often_its_link_is_opened(bool isPostgreSql)
    {
        await using var app = await RunningBoundaries.StartAsync(isPostgreSql);
        for (var round = 0; round < 5; round++)
        {
            var subscriber = $"bob{round}";
            await app.DecideAsync(new RequestOptIn(subscriber, "4711", Now));
            (await app.RaceAsync(Enumerable.Range(0, 16).Select(_ => new ConfirmOptIn(subscriber, "4711", Now)))).Should().Be((1, 0, 15));
        }

        (await app.HistoryAsync()).OfType<OptInConfirmed>().Should().HaveCount(5);
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task The_same_digits_of_two_subscribers_are_two_tokens(bool isPostgreSql)
    {
        await using var app = await RunningBoundaries.StartAsync(isPostgreSql);
        await app.DecideAsync(new RequestOptIn("bob", "4711", Now));
        await app.RefusesAsync(new ConfirmOptIn("eve", "4711", Now), "*never sent*");
        await app.RefusesAsync(new ConfirmOptIn("bob", "4712", Now), "*never sent*");
        await app.DecideAsync(new RequestOptIn("eve", "4711", Now));

        (await app.RaceAsync([new ConfirmOptIn("eve", "4711", Now), new ConfirmOptIn("bob", "4711", Now)])).Should().Be((2, 0, 0));
        await app.RefusesAsync(new RequestOptIn("bob", "4711", Now), "*sent before*");
    }

    [Fact]
    public void A_token_in_time_confirms_and_another_does_not()
    {
        var inTime = new ConfirmOptIn("bob", "4711", Now + RequestOptIn.Validity - TimeSpan.FromTicks(1));
        RunningBoundaries.Given(inTime, Requested).When(inTime.Decide).Then(new OptInConfirmed("bob", "4711"));
        RunningBoundaries.Given(inTime, Requested, new OptInConfirmed("bob", "4711")).When(inTime.Decide)
            .ThenThrows<RefusedException>(refusal => refusal.Message.Contains("been used", StringComparison.Ordinal));

        var late = new ConfirmOptIn("bob", "4711", Now + RequestOptIn.Validity);
        RunningBoundaries.Given(late, Requested).When(late.Decide).ThenThrows<RefusedException>(refusal => refusal.Message.Contains("expired", StringComparison.Ordinal));
    }
}
