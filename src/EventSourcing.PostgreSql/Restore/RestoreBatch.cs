namespace EventSourcing.PostgreSql;

/// <summary>Events of a log that are restored together.</summary>
/// <param name="after">The position of the last event before them.</param>
internal sealed class RestoreBatch(LogPosition after)
{
    private readonly List<(RestoreStream Stream, long Version)> streams = [];
    private long bytes;

    public LogPosition After { get; } = after;

    public LogPosition Last => Events.Count == 0 ? After : Events[^1].Event.Position;

    public List<(RecordedEvent Event, RestoreStream Stream)> Events { get; } = [];

    /// <summary>The streams that begin here, with their first events and their places among all.</summary>
    public List<(RestoreStream Stream, RecordedEvent First, int Nth)> Begun { get; } = [];

    /// <summary>The streams that are to be in the database, with the event that is to follow there.</summary>
    public List<(RestoreStream Stream, RecordedEvent Next)> Sought { get; } = [];

    /// <summary>All streams of the batch, with the versions that they have after this batch.</summary>
    public IReadOnlyList<(RestoreStream Stream, long Version)> Streams => streams;

    public bool HasRoomFor(RecordedEvent recorded) =>
        Events.Count == 0 || (Events.Count < ImportBatch.MaxEvents && bytes + recorded.Data.Length + recorded.Metadata.Length <= ImportBatch.MaxBytes);

    public void Add(RecordedEvent recorded, RestoreStreams known)
    {
        var stream = known.Of(recorded, this);
        if (stream.Place.Batch == this)
        {
            streams[stream.Place.Nth] = (stream, stream.Version);
        }
        else
        {
            stream.Place = (this, streams.Count);
            streams.Add((stream, stream.Version));
        }

        Events.Add((recorded, stream));
        bytes += recorded.Data.Length + recorded.Metadata.Length;
    }
}
