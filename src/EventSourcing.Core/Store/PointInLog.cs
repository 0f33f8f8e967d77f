using System.Globalization;

namespace EventSourcing;

/// <summary>Up to where somebody looks at the log, or at a stream.</summary>
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

    internal StreamVersion? Version => version;

    internal bool IsVersion => version is not null;

    /// <summary>Up to and with a version of the stream.</summary>
    /// <param name="version">The version.</param>
    public static PointInLog At(StreamVersion version) => new(version, null, null);

    /// <summary>Up to and with a position of the log.</summary>
    /// <param name="position">The position.</param>
    public static PointInLog At(LogPosition position) => new(null, position, null);

    /// <summary>What had been recorded by a time, inclusive, by the store's clock. Of one stream: the events before the first one that was
    /// recorded later, so that none is missing between others even where the clock was set back.</summary>
    /// <param name="time">The time.</param>
    public static PointInLog At(DateTimeOffset time) => new(null, null, time);

    internal bool Includes(RecordedEvent recorded) =>
        !(recorded.Version.Value > version?.Value) && !(recorded.Position > position) && !(recorded.RecordedAt > time);

    /// <summary>For people: <c>version 12</c>, <c>position 5000</c>, a time, or <c>the end</c>.</summary>
    public override string ToString() => this switch
    {
        { version: { } at } => $"version {at}",
        { position: { } at } => $"position {at}",
        { time: { } at } => at.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture),
        _ => "the end",
    };
}
