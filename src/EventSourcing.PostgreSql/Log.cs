using Microsoft.Extensions.Logging;

namespace EventSourcing.PostgreSql;

/// <summary>What the store gets over by itself, and somebody who runs it wants to know.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "Schema {Schema} has been brought to version {Version}.")]
    public static partial void SchemaInstalled(ILogger logger, string schema, int version);

    [LoggerMessage(2, LogLevel.Warning, "No connection listens for the appends of other processes. It is opened again; until then the store looks for itself.")]
    public static partial void ListenerLost(ILogger logger, Exception? failure);

    [LoggerMessage(3, LogLevel.Information, "The store listens again for the appends of other processes.")]
    public static partial void ListenerBack(ILogger logger);

    [LoggerMessage(4, LogLevel.Warning, "The end of the log cannot be read. Whoever follows the log waits until it can be again.")]
    public static partial void TailLost(ILogger logger, Exception failure);

    [LoggerMessage(5, LogLevel.Information, "The end of the log can be read again.")]
    public static partial void TailBack(ILogger logger);

    // The message alone: what the server says of where it was may quote the JSON that it does not take.
    [LoggerMessage(6, LogLevel.Warning, "A batch of {Appends} appends failed; each of them is run again alone: {Failure}")]
    public static partial void BatchFailed(ILogger logger, int appends, string failure);

    [LoggerMessage(9, LogLevel.Warning, "Readers of schema {Schema} have been waiting at position {Position} for {Waited}, for an append that has not ended: {Holders}.")]
    public static partial void AppendAwaited(ILogger logger, string schema, LogPosition position, TimeSpan waited, string holders);

    [LoggerMessage(10, LogLevel.Information, "The append that readers of schema {Schema} have been waiting for has ended.")]
    public static partial void AppendEnded(ILogger logger, string schema);

    [LoggerMessage(13, LogLevel.Critical, "The log in the database is not the one that was followed.")]
    public static partial void LogReplaced(ILogger logger, Exception what);

    [LoggerMessage(7, LogLevel.Warning, "The connection to the server was lost; attempt {Next} of {MaxAttempts} follows.")]
    public static partial void ConnectionLost(ILogger logger, int next, int maxAttempts, Exception failure);

    [LoggerMessage(11, LogLevel.Information, "The rights on schema {Schema} have been given to {Owner}, {Maintainer}, {Application} and {Reader}.")]
    public static partial void RolesInstalled(ILogger logger, string schema, string owner, string maintainer, string application, string reader);

    [LoggerMessage(12, LogLevel.Warning, "Between the store and its server stands a proxy, at {Host}:{Port}: no statement is prepared on a connection through it, and it is not listened through. Say so with PrepareStatements, and give ListenConnectionString or set Notifications off.")]
    public static partial void ProxyFound(ILogger logger, string? host, int port);

    // Rivals for locks: usual under load, and over at once.
    [LoggerMessage(8, LogLevel.Debug, "The server refused or rolled back a statement; attempt {Next} of {MaxAttempts} follows.")]
    public static partial void StatementRefused(ILogger logger, int next, int maxAttempts, Exception failure);

    [LoggerMessage(20, LogLevel.Information, "Schema {Schema} has the indexes for audits.")]
    public static partial void AuditIndexesInstalled(ILogger logger, string schema);

    [LoggerMessage(21, LogLevel.Information, "The streams of schema {Schema} are chained from now on; {Events} events that were there have been chained too.")]
    public static partial void HashChainInstalled(ILogger logger, string schema, long events);
}
