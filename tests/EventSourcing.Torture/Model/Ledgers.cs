using EventSourcing.PostgreSql;

namespace EventSourcing.Torture;

/// <summary>Views in columns.</summary>
internal sealed class Ledgers : ViewProjection<Tally>, IViewColumns<Tally>
{
    public Ledgers(int version)
        : base("ledgers", version) => On<Moved>(
            (moved, _) => $"digit-{moved.Amount % 10}",
            (tally, moved, context) => Tally.After(tally, moved.Amount, context.Envelope.Position.Value, version));

    public void Map(ViewColumns<Tally> columns)
    {
        ArgumentNullException.ThrowIfNull(columns);
        columns
            .Column("count", tally => tally.Count)
            .Column("sum", tally => tally.Sum)
            .Column("chain", tally => tally.Chain)
            .Column("version", tally => tally.Version)
            .From(row => new Tally(row.Get<long>("count"), row.Get<long>("sum"), row.Get<long>("chain"), row.Get<int>("version")));
    }
}
