namespace EventSourcing.Torture;

/// <summary>Views made from many streams, several for an event.</summary>
internal sealed class Labels : ViewProjection<Tally>
{
    public Labels(int version)
        : base("labels", version)
    {
        OnEach<Moved>(
            (moved, _) => moved.Labels,
            (tally, moved, context) => Tally.After(tally, moved.Amount, context.Envelope.Position.Value, version));
        On<Cleared>((cleared, _) => cleared.Label, (_, _, _) => null);
    }
}
