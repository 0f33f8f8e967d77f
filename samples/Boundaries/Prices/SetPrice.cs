using System.Collections.Immutable;
using EventSourcing;

namespace Boundaries.Prices;

/// <summary>Sets the price of a product.</summary>
public sealed class SetPrice(string productId, decimal price, DateTimeOffset now) : IDecision
{
    private readonly DecisionProjection<ImmutableList<PriceProjections.OnePrice>> prices = PriceProjections.PricesOf(productId);

    /// <inheritdoc/>
    public IReadOnlyList<DecisionProjection> Projections => [prices];

    /// <inheritdoc/>
    public IEnumerable<object> Decide(DecisionState known) => known.Of(prices).LastOrDefault()?.Price switch
    {
        _ when price < 0 => throw new RefusedException("Nobody is paid for buying."),
        var current when current == price => [],
        _ => [new PriceSet(productId, price, now)],
    };
}
