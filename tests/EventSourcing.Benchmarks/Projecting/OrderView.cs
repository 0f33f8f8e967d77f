namespace EventSourcing.Benchmarks;

/// <summary>The read model's document: one for each order, which is one stream.</summary>
internal sealed record OrderView(
    string Customer, string Country, DateTimeOffset PlacedAt, string Status, int Lines, long Quantity, long Cents, long Version)
{
    /// <summary>The fold that both sides and the verification use.</summary>
    public static OrderView After(OrderView? before, object @event, long version) => @event switch
    {
        OrderPlaced placed => new OrderView(placed.Customer, placed.Country, placed.PlacedAt, "placed", 0, 0, 0, version),
        ItemAdded item when before is not null => before with
        {
            Lines = before.Lines + 1,
            Quantity = before.Quantity + item.Quantity,
            Cents = before.Cents + (item.Quantity * item.PriceInCents),
            Version = version,
        },
        OrderPaid when before is not null => before with { Status = "paid", Version = version },
        _ => throw new InvalidOperationException($"{@event} at version {version} does not fit {before}."),
    };
}

/// <summary>The first event of an order.</summary>
[EventType("order-placed")]
internal sealed record OrderPlaced(string Customer, string Country, DateTimeOffset PlacedAt);

/// <summary>One of many.</summary>
[EventType("item-added")]
internal sealed record ItemAdded(string Product, string Description, int Quantity, long PriceInCents);

/// <summary>The last event of an order that has three or more.</summary>
[EventType("order-paid")]
internal sealed record OrderPaid(long Cents, string Method);
