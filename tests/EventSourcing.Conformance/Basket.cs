namespace EventSourcing.Conformance;

[EventType("basket-filled")]
internal sealed record BasketFilled(List<string> Items);

[EventType("basket-closed")]
internal sealed record BasketClosed;

/// <summary>An aggregate that is careless with its events: it keeps the list of the first and adds to it.</summary>
internal class Basket : Aggregate
{
    public List<string> Items { get; private set; } = [];

    public bool IsClosed { get; private set; }

    public void Fill(params string[] items)
    {
        if (IsClosed)
        {
            throw new InvalidOperationException("The basket is closed.");
        }

        Raise(new BasketFilled([.. items]));
    }

    public void Close()
    {
        if (!IsClosed)
        {
            Raise(new BasketClosed());
        }
    }

    protected void Restore(BasketSnapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        Items = snapshot.Items;
        IsClosed = snapshot.IsClosed;
    }

    protected override void Apply(object @event)
    {
        if (@event is BasketFilled filled)
        {
            if (Items.Count == 0)
            {
                Items = filled.Items;
            }
            else
            {
                Items.AddRange(filled.Items);
            }
        }
        else
        {
            IsClosed = true;
        }
    }
}

/// <summary>What is kept of a basket.</summary>
internal sealed record BasketSnapshot(List<string> Items, bool IsClosed);

/// <summary>A basket that keeps snapshots.</summary>
internal sealed class KeptBasket : Basket
{
    public const int Every = 10;

    protected override SnapshotPolicy? Snapshots { get; } = SnapshotPolicy.Of<KeptBasket, BasketSnapshot>(
        "basket",
        schemaVersion: 1,
        Every,
        basket => new BasketSnapshot(basket.Items, basket.IsClosed),
        snapshot =>
        {
            var basket = new KeptBasket();
            basket.Restore(snapshot);
            return basket;
        });
}
