namespace EventSourcing.Benchmarks;

/// <summary>The library's side: the view projection that an application would write.</summary>
internal sealed class OrderViews : ViewProjection<OrderView>
{
    public OrderViews(string name, int shards = 1)
        : base(name)
    {
        Shards = shards;
        On<OrderPlaced>((view, placed, context) => OrderView.After(view, placed, context.Envelope.Version.Value));
        On<ItemAdded>((view, item, context) => OrderView.After(view, item, context.Envelope.Version.Value));
        On<OrderPaid>((view, paid, context) => OrderView.After(view, paid, context.Envelope.Version.Value));
    }

    public static EventSerializer Serializer { get; } =
        new(new EventTypeRegistry().Add<OrderPlaced>().Add<ItemAdded>().Add<OrderPaid>());

    public override int Shards { get; }
}
