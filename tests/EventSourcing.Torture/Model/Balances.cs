namespace EventSourcing.Torture;

/// <summary>A view for each stream, in four shards.</summary>
internal sealed class Balances : ViewProjection<Tally>
{
    public Balances(int version)
        : base("balances", version)
    {
        On<Moved>((tally, moved, context) => Tally.After(tally, moved.Amount, context.Envelope.Position.Value, version));
        On<Closed>((_, _, _) => null);
    }

    public override int Shards => 4;
}
