namespace EventSourcing;

/// <summary>A state, or a view, cannot be made: the first events of its stream were removed, and what stands in for them does not serve: it is
/// a snapshot, and none that fits is there, or something before it was asked for. Nothing is given, because anything would be wrong.</summary>
public sealed class StreamTruncatedException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="firstVersion">The version of its first event that is left.</param>
    public StreamTruncatedException(StreamName stream, StreamVersion firstVersion)
        : base($"Stream '{stream}' begins at version {firstVersion}: the events before were removed, and what is asked for cannot be made of those that are "
            + "left. Where a snapshot stands in for them, load the stream with the snapshot policy, and its schema version, that it was taken by.")
    {
        Stream = stream;
        FirstVersion = firstVersion;
    }

    /// <summary>The stream.</summary>
    public StreamName Stream { get; }

    /// <summary>The version of its first event that is left.</summary>
    public StreamVersion FirstVersion { get; }
}
