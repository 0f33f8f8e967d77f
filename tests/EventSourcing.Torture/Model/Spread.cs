namespace EventSourcing.Torture;

/// <summary>One of many that are to be spread over processes.</summary>
internal sealed class Spread : ViewProjection<Tally>
{
    public Spread(int number)
        : base($"spread_{number}") =>
        On<Moved>((_, _) => "all", (tally, moved, context) => Tally.After(tally, moved.Amount, context.Envelope.Position.Value, 1));
}
