using EventSourcing;

namespace Boundaries.Prices;

/// <summary>A product has a price, or another price than before.</summary>
/// <param name="ProductId">The product.</param>
/// <param name="Price">The price.</param>
/// <param name="At">Since when.</param>
[EventType("price-set")]
public sealed record PriceSet([Tag("product")] string ProductId, decimal Price, DateTimeOffset At);

/// <summary>An order was placed, at prices that were shown to the customer.</summary>
/// <param name="OrderId">The order.</param>
/// <param name="Lines">What was ordered.</param>
[EventType("order-placed")]
public sealed record OrderPlaced([Tag("order")] string OrderId, IReadOnlyList<OrderLine> Lines);

/// <summary>A product in an order.</summary>
/// <param name="ProductId">The product.</param>
/// <param name="ShownPrice">The price that the customer saw.</param>
public sealed record OrderLine(string ProductId, decimal ShownPrice);
