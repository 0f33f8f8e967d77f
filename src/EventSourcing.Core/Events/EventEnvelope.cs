namespace EventSourcing;

/// <summary>An event of your own type, with its place in the log and its metadata.</summary>
public sealed class EventEnvelope
{
    private EventMetadata? metadata;

    internal EventEnvelope(object @event, RecordedEvent recorded, int part = 0)
    {
        Event = @event;
        Recorded = recorded;
        Part = part;
    }

    /// <summary>The event.</summary>
    public object Event { get; }

    /// <summary>The event as the store holds it.</summary>
    public RecordedEvent Recorded { get; }

    /// <summary>Which of the events it is that upcasters have made of one stored event, from 0; 0 where it is the only one.</summary>
    public int Part { get; }

    /// <summary>The stream that holds the event.</summary>
    public StreamName Stream => Recorded.Stream;

    /// <summary>The event's place in its stream.</summary>
    public StreamVersion Version => Recorded.Version;

    /// <summary>The event's place in the log.</summary>
    public LogPosition Position => Recorded.Position;

    /// <summary>The event's id.</summary>
    public Guid Id => Recorded.Id;

    /// <summary>The event's id; where it is a later part of a stored event, an id made of that and the part: the same each time.</summary>
    internal Guid PartId => Part == 0 ? Id : NamedId.Of($"{Id}/{Part}");

    /// <summary>When the store wrote the event, by its own clock.</summary>
    public DateTimeOffset RecordedAt => Recorded.RecordedAt;

    /// <summary>The metadata, read from its JSON at the first look.</summary>
    /// <exception cref="EventSerializationException">The stored metadata is not a JSON object.</exception>
    public EventMetadata Metadata => metadata ??= EventMetadataJson.Read(Recorded);
}
