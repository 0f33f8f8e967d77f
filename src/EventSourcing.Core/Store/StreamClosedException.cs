namespace EventSourcing;

/// <summary>An append names a stream that takes none: it is archived, or deleted. Nothing was written.</summary>
public sealed class StreamClosedException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="state">Where it is in its life.</param>
    public StreamClosedException(StreamName stream, StreamState state)
        : base(state == StreamState.Archived
            ? $"Stream '{stream}' is archived and takes no appends; restore it first."
            : $"Stream '{stream}' is deleted and takes no appends; use another name.")
    {
        Stream = stream;
        State = state;
    }

    /// <summary>The stream.</summary>
    public StreamName Stream { get; }

    /// <summary>Where it is in its life.</summary>
    public StreamState State { get; }
}
