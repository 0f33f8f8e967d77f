namespace EventSourcing;

/// <summary>What a state is made of where the first events of its stream were truncated.</summary>
public enum StreamStandIn
{
    /// <summary>The first event that is left: it holds all that the ones before it said.</summary>
    Summary = 0,

    /// <summary>A snapshot of a version that is left: without it the state cannot be made any more.</summary>
    Snapshot = 1,
}
