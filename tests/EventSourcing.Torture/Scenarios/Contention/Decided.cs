namespace EventSourcing.Torture;

/// <summary>An event of a contended stream.</summary>
/// <param name="Amount">Added to the stream's sum.</param>
/// <param name="Count">The events that its decision was based on; -1 where it was not decided but simply appended.</param>
/// <param name="Sum">The sum that its decision was based on.</param>
[EventType("decided")]
internal sealed record Decided(long Amount, long Count, long Sum)
{
    public static EventSerializer Serializer { get; } = new(new EventTypeRegistry().Add<Decided>());

    public static EventData Appended(Random random) => Serializer.Serialize(new Decided(random.Next(100), -1, 0));
}
