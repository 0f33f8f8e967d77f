using Boundaries.Prices;

namespace Boundaries;

/// <summary>An order is placed at prices that hold, or held a moment ago.</summary>
public sealed class PriceTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly OrderLine Tea = new("tea", 4.00m);
    private static readonly OrderLine Milk = new("milk", 1.20m);

    public static TheoryData<bool> Stores => RunningBoundaries.Stores;

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_price_that_was_shown_holds_for_a_while_and_no_longer(bool isPostgreSql)
    {
        await using var app = await RunningBoundaries.StartAsync(isPostgreSql);
        await app.DecideAsync(new SetPrice("tea", 4.00m, Now));
        await app.DecideAsync(new SetPrice("milk", 1.20m, Now));
        await app.DecideAsync(new SetPrice("tea", 5.00m, Now));
        var over = Now + PlaceOrder.GracePeriod;

        var placed = await app.DecideAsync(new PlaceOrder("o1", [Tea, Milk], over - TimeSpan.FromSeconds(1)));
        await app.RefusesAsync(new PlaceOrder("o2", [Tea, Milk], over), "The price of tea has changed.");
        await app.DecideAsync(new PlaceOrder("o2", [new("tea", 5.00m), Milk], over));
        await app.RefusesAsync(new PlaceOrder("o3", [new("coffee", 1)], Now), "There is no product coffee.");

        placed.Events.Should().ContainSingle().Which.Should().BeEquivalentTo(new OrderPlaced("o1", [Tea, Milk]));
        (await app.HistoryAsync()).OfType<OrderPlaced>().Select(order => order.OrderId).Should().Equal("o1", "o2");
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task No_order_is_placed_at_a_price_that_a_rival_has_changed_for_good(bool isPostgreSql)
    {
        await using var app = await RunningBoundaries.StartAsync(isPostgreSql);
        for (var round = 0; round < 8; round++)
        {
            // The shop changes the price twice, so long ago that there is no grace, while orders at the first one come in.
            var product = $"tea{round}";
            await app.DecideAsync(new SetPrice(product, 4.00m, Now));
            IDecision[] orders = [.. Enumerable.Range(0, 12).Select(number => new PlaceOrder($"{product}-{number}", [Tea with { ProductId = product }], Now + PlaceOrder.GracePeriod))];
            await app.RaceAsync([.. orders[..6], new SetPrice(product, 5.00m, Now), .. orders[6..]]);
        }

        var history = await app.HistoryAsync();
        for (var round = 0; round < 8; round++)
        {
            var product = $"tea{round}";
            history.SkipWhile(one => one is not PriceSet { Price: 5.00m } set || set.ProductId != product)
                .OfType<OrderPlaced>().Should().NotContain(order => order.Lines[0].ProductId == product, "it was decided by the new price or not at all");
        }
    }

    [Fact]
    public void Any_price_that_held_within_the_period_will_do()
    {
        var order = new PlaceOrder("o1", [Tea], Now);
        var before = Now.AddDays(-1);
        RunningBoundaries.Given(order, new PriceSet("tea", 4, before), new PriceSet("tea", 5, Now.AddMinutes(-9)), new PriceSet("tea", 6, Now)).When(order.Decide).Then(new OrderPlaced("o1", [Tea]));
        RunningBoundaries.Given(order, new PriceSet("tea", 4, before), new PriceSet("tea", 5, Now.AddMinutes(-10)), new PriceSet("tea", 6, Now)).When(order.Decide).ThenThrows<RefusedException>();
        RunningBoundaries.Given(order, new PriceSet("tea", 5, before), new PriceSet("tea", 4, Now)).When(order.Decide).Then(new OrderPlaced("o1", [Tea]));
    }

    [Fact]
    public void The_same_price_is_no_change()
    {
        var set = new SetPrice("tea", 4, Now);
        RunningBoundaries.Given(set).When(set.Decide).Then(new PriceSet("tea", 4, Now));
        RunningBoundaries.Given(set, new PriceSet("tea", 4, Now)).When(set.Decide).ThenNothing();
        var negative = new SetPrice("tea", -1, Now);
        RunningBoundaries.Given(negative).When(negative.Decide).ThenThrows<RefusedException>();
    }

    [Fact]
    public void An_order_of_nothing_is_refused() => FluentActions.Invoking(() => new PlaceOrder("o1", [], Now)).Should().Throw<RefusedException>();
}
