namespace EventSourcing;

/// <summary>A state of the past was asked for that cannot be made: the stream does not reach so far, or the events that the state is
/// made of are not there any more.</summary>
public sealed class StateNotAvailableException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="at">The point that was asked for.</param>
    /// <param name="reason">Why there is no state.</param>
    public StateNotAvailableException(StreamName stream, PointInLog at, string reason)
        : base($"The state of stream '{stream}' at {at} cannot be made: {reason}")
    {
        Stream = stream;
        At = at;
    }

    /// <summary>The stream.</summary>
    public StreamName Stream { get; }

    /// <summary>The point that was asked for.</summary>
    public PointInLog At { get; }
}
