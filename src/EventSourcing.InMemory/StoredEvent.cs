namespace EventSourcing.InMemory;

/// <summary>An event as it is kept.</summary>
internal static class StoredEvent
{
    public static RecordedEvent From(EventData data, StreamName stream, long version, long position, DateTimeOffset now) => new()
    {
        Stream = stream,
        Version = new StreamVersion(version),
        Position = new LogPosition(position),
        Id = data.Id,
        Type = data.Type,
        Data = data.Data.ToArray(), // copies: the caller may reuse its buffers, history may not change
        Metadata = data.Metadata.ToArray(),
        Tags = data.Tags,
        RecordedAt = now,
    };
}
