using Microsoft.Extensions.Logging;

namespace EventSourcing;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Warning, "Projection {Projection} failed and tries again in {Pause}.")]
    public static partial void ProjectionRetries(ILogger logger, string projection, TimeSpan pause, Exception failure);

    [LoggerMessage(2, LogLevel.Critical, "Projection {Projection} has stopped: its read model no longer follows the log.")]
    public static partial void ProjectionStopped(ILogger logger, string projection, Exception failure);

    [LoggerMessage(3, LogLevel.Warning, "What is kept of stream {Stream} cannot be read; all its events are folded instead.")]
    public static partial void SnapshotUnreadable(ILogger logger, StreamName stream, Exception failure);

    [LoggerMessage(4, LogLevel.Warning, "No snapshot of stream {Stream} could be kept; loading it stays slow.")]
    public static partial void SnapshotNotTaken(ILogger logger, StreamName stream, Exception failure);
}
