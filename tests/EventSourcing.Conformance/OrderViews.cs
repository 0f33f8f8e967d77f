namespace EventSourcing.Conformance;

[EventType("order-placed")]
internal sealed record OrderPlaced(string Customer, decimal Total);

[EventType("order-paid")]
internal sealed record OrderPaid(decimal Amount);

[EventType("order-forgotten")]
internal sealed record OrderForgotten;

[EventType("customers-greeted")]
internal sealed record CustomersGreeted(string[] Customers);

internal sealed record OrderView(string Customer, decimal Total, decimal Paid, long Version);

internal sealed record CustomerView(string Name, int Orders, decimal Total, int Greetings);

/// <summary>One view for each stream; a forgotten order has none.</summary>
internal sealed class Orders : ViewProjection<OrderView>
{
    private readonly int shards;

    public Orders(string name = "orders", int version = 1, int shards = 1, Action<EventEnvelope>? before = null, decimal factor = 1)
        : base(name, version)
    {
        this.shards = shards;
        On<OrderPlaced>((_, placed, context) =>
        {
            before?.Invoke(context.Envelope);
            return new OrderView(placed.Customer, placed.Total * factor, 0, context.Envelope.Version.Value);
        });
        On<OrderPaid>((order, paid, context) =>
        {
            before?.Invoke(context.Envelope);
            return order is null ? null : order with { Paid = order.Paid + paid.Amount, Version = context.Envelope.Version.Value };
        });
        On<OrderForgotten>((_, _, _) => null);
    }

    public override int Shards => shards;
}

/// <summary>Views of several streams each, by a key of the event's choice; some events concern several.</summary>
internal sealed class Customers : ViewProjection<CustomerView>
{
    public Customers(string name = "customers")
        : base(name)
    {
        On<OrderPlaced>(
            (placed, _) => placed.Customer.Length == 0 ? null : placed.Customer,
            (customer, placed, context) => Of(customer, context) is var known
                ? known with { Orders = known.Orders + 1, Total = known.Total + placed.Total }
                : null);
        OnEach<CustomersGreeted>(
            (greeted, _) => greeted.Customers,
            (customer, _, context) => Of(customer, context) is var known ? known with { Greetings = known.Greetings + 1 } : null);
    }

    private static CustomerView Of(CustomerView? customer, ViewContext context) => customer ?? new CustomerView(context.Key, 0, 0, 0);
}
