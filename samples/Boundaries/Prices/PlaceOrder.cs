using System.Collections.Immutable;
using EventSourcing;

namespace Boundaries.Prices;

/// <summary>Places an order at the prices that the customer saw: the prices of now, or those that held until a moment ago. It has to know
/// one thing for each of its products, and so no more than those.</summary>
public sealed class PlaceOrder(string orderId, IReadOnlyList<OrderLine> lines, DateTimeOffset now) : IDecision
{
    /// <summary>For how long an order may still be placed at a price that has changed.</summary>
    public static readonly TimeSpan GracePeriod = TimeSpan.FromMinutes(10);

    private readonly Dictionary<string, DecisionProjection<ImmutableList<PriceProjections.OnePrice>>> prices =
        lines.Select(line => line.ProductId).Distinct().ToList() is { Count: > 0 and <= EventQuery.MaxItems } products
            ? products.ToDictionary(product => product, PriceProjections.PricesOf)
            : throw new RefusedException($"An order has 1 to {EventQuery.MaxItems} products.");

    /// <inheritdoc/>
    public IReadOnlyList<DecisionProjection> Projections => [.. prices.Values];

    /// <inheritdoc/>
    public IEnumerable<object> Decide(DecisionState known)
    {
        foreach (var line in lines)
        {
            var ofProduct = known.Of(prices[line.ProductId]);
            if (ofProduct.IsEmpty)
            {
                throw new RefusedException($"There is no product {line.ProductId}.");
            }

            if (!ofProduct.Any(price => price.Price == line.ShownPrice && !(now - price.Until >= GracePeriod)))
            {
                throw new RefusedException($"The price of {line.ProductId} has changed.");
            }
        }

        return [new OrderPlaced(orderId, lines)];
    }
}
