namespace EventSourcing;

/// <summary>Where a reactor begins when there is no trace of it yet. From then on it goes on where it was.</summary>
public readonly record struct ReactorStart
{
    private ReactorStart(LogPosition after) => Position = after;

    /// <summary>With what is appended from the moment on at which it is first run anywhere; also what <c>default</c> is. Its past is
    /// not repeated.</summary>
    public static ReactorStart Now => default;

    /// <summary>The position after which it begins; null for now.</summary>
    public LogPosition? Position { get; }

    /// <summary>With the first event after a position; <see cref="LogPosition.Start"/> for the whole log.</summary>
    /// <param name="position">The position; its own event is not handled.</param>
    public static ReactorStart After(LogPosition position) => new(position);
}
