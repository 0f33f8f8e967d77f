namespace EventSourcing;

/// <summary>Where an event stands, for messages.</summary>
internal readonly record struct EventPlace(StreamName Stream, StreamVersion Version, LogPosition Position)
{
    public static EventPlace Of(RecordedEvent recorded) => new(recorded.Stream, recorded.Version, recorded.Position);

    public override string ToString() => $"position {Position} (stream '{Stream}', version {Version})";
}
