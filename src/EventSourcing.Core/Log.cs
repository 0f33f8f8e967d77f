using Microsoft.Extensions.Logging;

namespace EventSourcing;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Warning, "{Consumer} failed and tries again in {Pause}.")]
    public static partial void ConsumerRetries(ILogger logger, string consumer, TimeSpan pause, Exception failure);

    [LoggerMessage(2, LogLevel.Critical, "{Consumer} has stopped: it no longer follows the log.")]
    public static partial void ConsumerStopped(ILogger logger, string consumer, Exception failure);

    [LoggerMessage(3, LogLevel.Warning, "What is kept of stream {Stream} cannot be read; all its events are folded instead.")]
    public static partial void SnapshotUnreadable(ILogger logger, StreamName stream, Exception failure);

    [LoggerMessage(4, LogLevel.Warning, "No snapshot of stream {Stream} could be kept; loading it stays slow.")]
    public static partial void SnapshotNotTaken(ILogger logger, StreamName stream, Exception failure);

    [LoggerMessage(5, LogLevel.Error, "{Consumer} has parked event '{Type}' at position {Position} and goes on without it.")]
    public static partial void EventParked(ILogger logger, string consumer, string type, LogPosition position, Exception failure);

    [LoggerMessage(6, LogLevel.Information, "{Consumer} is rebuilt: generation {Generation} serves from now on.")]
    public static partial void Promoted(ILogger logger, string consumer, int generation);

    [LoggerMessage(7, LogLevel.Warning, "What runs where cannot be looked up now; what runs here goes on.")]
    public static partial void BoardUnreachable(ILogger logger, Exception failure);

    [LoggerMessage(8, LogLevel.Warning, "{Consumer} had reached {Position} and is stored as {Stored}: the server has lost pages, which are applied again.")]
    public static partial void PagesLost(ILogger logger, string consumer, LogPosition position, LogPosition stored);

    [LoggerMessage(20, LogLevel.Warning, "{Reactor} failed at a message '{Type}' that was due, and tries it again in {Pause}.")]
    public static partial void MessageRetries(ILogger logger, string reactor, string type, TimeSpan pause, Exception failure);

    [LoggerMessage(21, LogLevel.Error, "{Reactor} has parked message '{Type}' ({Id}) after {Attempts} attempts.")]
    public static partial void MessageParked(ILogger logger, string reactor, string type, Guid id, int attempts, Exception failure);

    [LoggerMessage(22, LogLevel.Warning, "The effects of {Reactor} after position {Position} are run again.")]
    public static partial void EffectsAgain(ILogger logger, string reactor, LogPosition position);

    [LoggerMessage(30, LogLevel.Error, "Public message '{Type}' {Id} is parked, and the others go on without it.")]
    public static partial void PublicMessageParked(ILogger logger, string type, Guid id, Exception failure);
}
