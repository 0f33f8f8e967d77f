namespace EventSourcing.Conformance;

[EventType("deposited")]
internal sealed record Deposited(int Amount);

[EventType("brought-forward")]
internal sealed record BroughtForward(int Balance) : IStreamSummary;

/// <summary>Balances, as a fold with snapshots or without, and as a view.</summary>
internal sealed class Accounts : ViewProjection<AccountView>
{
    public static readonly Fold<int> Balance = new(() => 0, Evolve);

    public static readonly Fold<int> KeptBalance = Balance with { Snapshots = SnapshotPolicy.Of<int>("balance", schemaVersion: 1, every: 5) };

    public Accounts()
        : base("accounts")
    {
        On<Deposited>((account, deposited, _) => new AccountView((account?.Balance ?? 0) + deposited.Amount));
        On<BroughtForward>((_, forward, _) => new AccountView(forward.Balance));
        On<StreamDeleted>((_, _, _) => null);
    }

    private static int Evolve(int balance, object @event) => @event is BroughtForward forward ? forward.Balance : balance + ((Deposited)@event).Amount;
}

internal sealed record AccountView(int Balance);

/// <summary>Orders that are applied by appends and forgotten with their streams.</summary>
internal sealed class OpenOrders : ViewProjection<OrderView>
{
    public OpenOrders()
        : base("open-orders")
    {
        On<OrderPlaced>((_, placed, context) => new OrderView(placed.Customer, placed.Total, 0, context.Envelope.Version.Value));
        On<StreamDeleted>((_, _, _) => null);
    }
}
