namespace EventSourcing;

/// <summary>What is known of a stream besides its events.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Version">The version of its last event.</param>
/// <param name="FirstVersion">The version of its first event that is still there: 1, unless the stream was truncated or deleted.</param>
/// <param name="State">Where it is in its life.</param>
public sealed record StreamInfo(StreamName Stream, StreamVersion Version, StreamVersion FirstVersion, StreamState State)
{
    /// <summary>What stands in for the events that were truncated; null where none were.</summary>
    public StreamStandIn? StandIn { get; init; }
}
