namespace EventSourcing.PostgreSql;

/// <summary>A row of another system's table, with the names that it is to have here; nothing of it is checked.</summary>
internal sealed class ForeignEvent
{
    public required long Position { get; init; }

    /// <summary>The stream, as the source tells it from all its others.</summary>
    public required string SourceStream { get; init; }

    /// <summary>What the stream is to be called; null where it is left out.</summary>
    public required string? Stream { get; init; }

    public required long Version { get; init; }

    public required Guid Id { get; init; }

    public required string SourceType { get; init; }

    public required string? Type { get; init; }

    public required byte[] Data { get; init; }

    public required ReadOnlyMemory<byte> Metadata { get; init; }

    /// <summary>Since 2000, as the server counts; its ends stand for infinity.</summary>
    public required long Microseconds { get; init; }

    /// <summary>Whether the source has put it in the place of all events of its stream that came before.</summary>
    public bool IsSummary { get; init; }

    public bool IsArchived { get; init; }

    /// <summary>What the table knows to be wrong with it.</summary>
    public Misfit? Misfit { get; init; }
}
