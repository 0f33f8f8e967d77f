namespace EventSourcing.Benchmarks;

/// <summary>The read model that is looked at: one view, which shows the last event and how many there were.</summary>
internal sealed class LastSeen : ViewProjection<LastSeenView>
{
    public new const string Name = "last-seen";
    public const string Key = "all";

    public LastSeen()
        : base(Name) =>
        On<Noted>((_, _) => Key, (view, noted, context) => new LastSeenView((view?.Count ?? 0) + 1, context.Envelope.Position.Value, noted.Text));

    public static EventSerializer Serializer { get; } = new(new EventTypeRegistry().Add<Noted>());
}

/// <summary>The view.</summary>
internal sealed record LastSeenView(long Count, long Position, string Text);

/// <summary>The event.</summary>
[EventType("noted")]
internal sealed record Noted(string Text);
