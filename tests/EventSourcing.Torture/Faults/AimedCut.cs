namespace EventSourcing.Torture;

/// <summary>Where exactly a connection is cut that has just carried an append, or a commit, from the client.</summary>
internal enum AimedCut
{
    /// <summary>It was sent and never arrives: not stored.</summary>
    BeforeArrival,

    /// <summary>Half of it arrives, and the server is left waiting for the rest.</summary>
    HalfArrived,

    /// <summary>All arrives but the message that ends it: the server has done the work, and waits in its transaction.</summary>
    WithoutEnd,

    /// <summary>It arrives after all, when the client has long been told that the connection is gone.</summary>
    ArrivesLate,

    /// <summary>The server has answered, and the answer is lost: stored.</summary>
    BeforeAnswer,

    /// <summary>The answer never comes, and the client is not told that the connection is gone.</summary>
    NoAnswer,
}
