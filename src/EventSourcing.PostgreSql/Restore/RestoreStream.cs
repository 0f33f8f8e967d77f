namespace EventSourcing.PostgreSql;

/// <summary>A stream of a log that is being restored, shared by the batches that hold events of it.</summary>
internal sealed class RestoreStream(StreamName name)
{
    public StreamName Name { get; } = name;

    public string Category { get; } = name.Category;

    public short Bucket { get; } = StreamBucket.Of(name);

    /// <summary>Its id in the database, as the batch has it that makes or finds it; the batches behind that one begin later.</summary>
    public long Id { get; set; }

    /// <summary>The version of the last of its events that was gathered.</summary>
    public long Version { get; set; }

    /// <summary>The batch that holds this event, and which of the streams of that batch it is.</summary>
    public (RestoreBatch? Batch, int Nth) Place { get; set; }
}
