namespace EventSourcing;

/// <summary>Up to where a live view looks at the log.</summary>
public readonly record struct PointInLog
{
    private readonly StreamVersion? version;
    private readonly LogPosition? position;
    private readonly DateTimeOffset? time;

    private PointInLog(StreamVersion? version, LogPosition? position, DateTimeOffset? time) =>
        (this.version, this.position, this.time) = (version, position, time);

    /// <summary>Everything that there is; also what <c>default</c> is.</summary>
    public static PointInLog End => default;

    internal LogPosition? Position => position;

    internal bool IsVersion => version is not null;

    /// <summary>Up to and with a version of the stream.</summary>
    /// <param name="version">The version.</param>
    public static PointInLog At(StreamVersion version) => new(version, null, null);

    /// <summary>Up to and with a position of the log.</summary>
    /// <param name="position">The position.</param>
    public static PointInLog At(LogPosition position) => new(null, position, null);

    /// <summary>What had been recorded by a time, inclusive, by the store's clock.</summary>
    /// <param name="time">The time.</param>
    public static PointInLog At(DateTimeOffset time) => new(null, null, time);

    internal bool Includes(RecordedEvent recorded) =>
        !(recorded.Version.Value > version?.Value) && !(recorded.Position > position) && !(recorded.RecordedAt > time);
}
