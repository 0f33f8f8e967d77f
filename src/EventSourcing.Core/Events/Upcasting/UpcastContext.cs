namespace EventSourcing;

/// <summary>What an upcaster may know of the stored event besides its payload.</summary>
public sealed class UpcastContext
{
    private readonly RecordedEvent recorded;
    private EventMetadata? metadata;

    internal UpcastContext(RecordedEvent recorded) => this.recorded = recorded;

    /// <summary>The name of its type, as it is stored.</summary>
    public string Type => recorded.Type;

    /// <summary>The stream that holds it.</summary>
    public StreamName Stream => recorded.Stream;

    /// <summary>Its place in the stream.</summary>
    public StreamVersion Version => recorded.Version;

    /// <summary>Its place in the log.</summary>
    public LogPosition Position => recorded.Position;

    /// <summary>Its id.</summary>
    public Guid Id => recorded.Id;

    /// <summary>When the store wrote it, by its own clock.</summary>
    public DateTimeOffset RecordedAt => recorded.RecordedAt;

    /// <summary>Its metadata, read from its JSON at the first look.</summary>
    /// <exception cref="EventSerializationException">The stored metadata is not a JSON object.</exception>
    public EventMetadata Metadata => metadata ??= EventMetadataJson.Read(recorded);
}
