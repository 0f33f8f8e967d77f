namespace EventSourcing.PostgreSql;

/// <summary>A stream of a batch: what is expected of it and what it turns out to be.</summary>
internal sealed class ImportStream(StreamName name, long from)
{
    public StreamName Name { get; } = name;

    public short Bucket { get; } = StreamBucket.Of(name);

    /// <summary>The version that the batch's first part expects.</summary>
    public long From { get; } = from;

    /// <summary>The version after its last part.</summary>
    public long To { get; set; }

    /// <summary>Its id in the database; 0 where there is no such stream.</summary>
    public long Id { get; set; }

    /// <summary>Its version in the database, before this batch.</summary>
    public long Version { get; set; }

    /// <summary>Whether it takes appends.</summary>
    public StreamState State { get; set; }

    /// <summary>Whether this batch has made it, at once with the version that it will have.</summary>
    public bool IsNew { get; set; }
}
