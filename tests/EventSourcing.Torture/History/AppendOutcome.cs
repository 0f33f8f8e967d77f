namespace EventSourcing.Torture;

/// <summary>What a caller was told of an append.</summary>
internal enum AppendOutcome
{
    /// <summary>Acknowledged.</summary>
    Stored,

    /// <summary>Refused because a stream was at another version, or of an event that its decision had not seen.</summary>
    Conflict,

    /// <summary>Refused for another reason, or rolled back: nothing was changed.</summary>
    NotStored,

    /// <summary>It may be stored or not; also where the caller was killed before it was told.</summary>
    Unknown,
}
