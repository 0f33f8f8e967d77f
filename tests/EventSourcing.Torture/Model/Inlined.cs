namespace EventSourcing.Torture;

/// <summary>As the balances, but of the appends' own transactions, and of accounts alone: an import, which applies nothing inline, writes to others.</summary>
internal sealed class Inlined : ViewProjection<Tally>
{
    public const string Table = "inlined";

    public Inlined()
        : base(Table)
    {
        On<Moved>((tally, moved, context) => Tally.After(tally, moved.Amount, context.Envelope.Position.Value, 1));
        On<Closed>((_, _, _) => null);
    }

    public override IReadOnlyCollection<string> Categories => [Accounts.Category];
}
