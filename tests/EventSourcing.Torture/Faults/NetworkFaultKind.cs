namespace EventSourcing.Torture;

/// <summary>The ways in which a connection breaks.</summary>
internal enum NetworkFaultKind
{
    None,

    /// <summary>Both ends are told at once that it is gone.</summary>
    Reset,

    /// <summary>Part of what is passing is passed on, then the connection is closed in order.</summary>
    Truncate,

    /// <summary>One direction ends in order; the other stays.</summary>
    HalfClose,

    /// <summary>Nothing passes any more in one direction, and the client is never told.</summary>
    StallOneWay,

    /// <summary>Nothing passes any more in either direction, and the client is never told.</summary>
    Stall,

    /// <summary>For some seconds a few bytes at a time pass.</summary>
    Trickle,
}
