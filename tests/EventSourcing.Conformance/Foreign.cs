using System.Text;

namespace EventSourcing.Conformance;

/// <summary>Events as they come from elsewhere.</summary>
internal static class Foreign
{
    private static readonly DateTimeOffset Then = new DateTimeOffset(2011, 12, 9, 12, 50, 0, TimeSpan.Zero).AddTicks(1_234_560);

    /// <summary>Streams in turns, positions with holes.</summary>
    public static RecordedEvent[] Events(int count) =>
        [.. Enumerable.Range(0, count).Select(i => Event((2 * i) + 3, $"order-{i % 7}", (i / 7) + 1, data: $$"""{"n":{{i}}}""", tags: i % 5 == 0 ? [$"n:{i}"] : []))];

    public static RecordedEvent Event(
        long position,
        StreamName stream,
        long version,
        string type = "happened",
        string data = "{}",
        string metadata = "",
        Tag[]? tags = null,
        Guid? id = null,
        DateTimeOffset? time = null,
        byte[]? bytes = null) => new()
        {
            Position = new LogPosition(position),
            Stream = stream,
            Version = new StreamVersion(version),
            Id = id ?? Guid.CreateVersion7(),
            Type = type,
            Data = bytes ?? Encoding.UTF8.GetBytes(data),
            Metadata = Encoding.UTF8.GetBytes(metadata),
            Tags = tags ?? [],
            RecordedAt = time ?? Then.AddSeconds(position % 100_000),
        };

    public static string Described(RecordedEvent one) =>
        $"{one.Position} {one.Stream} {one.Version} {one.Id} {one.Type} {one.RecordedAt:O} [{string.Join(',', one.Tags)}] "
        + $"{Encoding.UTF8.GetString(one.Metadata.Span)} {Encoding.UTF8.GetString(one.Data.Span)}";
}
