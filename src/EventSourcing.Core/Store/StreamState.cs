namespace EventSourcing;

/// <summary>Where a stream is in its life.</summary>
public enum StreamState
{
    /// <summary>It takes appends.</summary>
    Open = 0,

    /// <summary>It takes no appends until it is restored. Its events are read as before, in their place in the log.</summary>
    Archived = 1,

    /// <summary>It takes no appends any more. Its events are gone, but for a last one that says so.</summary>
    Deleted = 2,
}
