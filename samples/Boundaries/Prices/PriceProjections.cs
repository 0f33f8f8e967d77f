using System.Collections.Immutable;
using EventSourcing;

namespace Boundaries.Prices;

/// <summary>What can be known of prices.</summary>
internal static class PriceProjections
{
    /// <summary>The prices of a product so far; the last one holds.</summary>
    public static DecisionProjection<ImmutableList<OnePrice>> PricesOf(string productId) =>
        new DecisionProjection<ImmutableList<OnePrice>>([], Tag.For("product", productId))
            .On<PriceSet>((prices, set) => [.. prices.Select(price => price with { Until = price.Until ?? set.At }), new OnePrice(set.Price, Until: null)]);

    /// <summary>A price, and until when it held.</summary>
    internal sealed record OnePrice(decimal Price, DateTimeOffset? Until);
}
