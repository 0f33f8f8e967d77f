namespace EventSourcing.PostgreSql;

/// <summary>An event as it is copied into the table.</summary>
internal readonly record struct ImportRow
{
    public required long Position { get; init; }

    public required StreamName Stream { get; init; }

    public required string Category { get; init; }

    public required short Bucket { get; init; }

    public required long StreamId { get; init; }

    public required long Version { get; init; }

    public required Guid Id { get; init; }

    public required string Type { get; init; }

    public required ReadOnlyMemory<byte> Data { get; init; }

    public required ReadOnlyMemory<byte> Metadata { get; init; }

    public required IReadOnlyList<Tag> Tags { get; init; }

    /// <summary>When it was recorded, in UTC; where the server is to say so, nothing.</summary>
    public DateTime RecordedAt { get; init; }
}
