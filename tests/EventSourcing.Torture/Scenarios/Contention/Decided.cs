namespace EventSourcing.Torture;

/// <summary>An event of a contended stream.</summary>
/// <param name="Amount">Added to the stream's sum.</param>
/// <param name="Count">The events that its decision was based on; -1 where it was not decided but simply appended.</param>
/// <param name="Sum">The sum that its decision was based on.</param>
/// <param name="About">What it concerns beside its stream.</param>
[EventType("decided")]
internal record Decided(long Amount, long Count, long Sum, [Tag(Arena.TagKind)] IReadOnlyList<string>? About = null)
{
    public static EventSerializer Serializer { get; } = new(new EventTypeRegistry().Add<Decided>().Add<Settled>());

    public static EventData Appended(Random random) => Serializer.Serialize(New(random, -1, 0));

    /// <summary>Of either type, and about nothing, one thing or two.</summary>
    public static Decided New(Random random, long count, long sum)
    {
        var about = Arena.Topics(random, random.Next(3));
        return random.Next(10) == 0 ? new Settled(random.Next(100), count, sum, about) : new Decided(random.Next(100), count, sum, about);
    }
}
