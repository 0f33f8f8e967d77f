namespace EventSourcing;

/// <summary>Events were not removed, because somebody who follows the log has not read them yet.</summary>
public sealed class UnreadEventsException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="last">The position of the last event that was to be removed.</param>
    /// <param name="unreadBy">Who has not read up to there.</param>
    public UnreadEventsException(StreamName stream, LogPosition last, IReadOnlyList<UnreadBy> unreadBy)
        : base(Describe(stream, last, unreadBy))
    {
        Stream = stream;
        Last = last;
        UnreadBy = unreadBy;
    }

    /// <summary>The stream.</summary>
    public StreamName Stream { get; }

    /// <summary>The position of the last event that was to be removed.</summary>
    public LogPosition Last { get; }

    /// <summary>Who has not read up to there.</summary>
    public IReadOnlyList<UnreadBy> UnreadBy { get; }

    private static string Describe(StreamName stream, LogPosition last, IReadOnlyList<UnreadBy> unreadBy)
    {
        ArgumentNullException.ThrowIfNull(unreadBy);
        var who = unreadBy.Select(one => one.IsParked
            ? $"'{one.Consumer}' has parked the one at position {one.Position}"
            : $"'{one.Consumer}' is at position {one.Position}");
        return $"Events of stream '{stream}' up to position {last} have not been read by all who follow the log: {string.Join(", ", who)}. Let them read on, "
            + "or say that the events may go even so (evenUnread).";
    }
}
