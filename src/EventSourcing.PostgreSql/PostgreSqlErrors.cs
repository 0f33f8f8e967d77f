using System.Net.Sockets;
using Npgsql;

namespace EventSourcing.PostgreSql;

/// <summary>What an error of the server or the connection means, by SQLSTATE and never by text.</summary>
internal static class PostgreSqlErrors
{
    // idle_in_transaction_session_timeout: the driver has no name for it.
    private const string IdleInTransactionTimeout = "25P03";

    // No number is left in a sequence: the driver has no name for it.
    private const string SequenceAtItsEnd = "2200H";

    /// <summary>Raised by the functions that append under a condition, and by the one that begins a restore.</summary>
    private const string NotReadCommitted = "ES001";

    /// <summary>The statement was rolled back because of others; it may simply be run again.</summary>
    public static bool IsRolledBack(Exception exception) =>
        exception is PostgresException { SqlState: PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected };

    /// <summary>The server refused the statement or the connection before it did anything, and may take it later.</summary>
    public static bool IsRefused(Exception exception) => exception is PostgresException
    {
        SqlState: PostgresErrorCodes.TooManyConnections
            or PostgresErrorCodes.CannotConnectNow
            or PostgresErrorCodes.InsufficientResources
            or PostgresErrorCodes.DiskFull
            or PostgresErrorCodes.OutOfMemory
            or PostgresErrorCodes.LockNotAvailable
            or PostgresErrorCodes.ReadOnlySqlTransaction,
    };

    /// <summary>The connection was lost; whether the statement ran to its end is not known.</summary>
    public static bool IsLost(Exception exception) => exception switch
    {
        PostgresException server => server.SqlState is PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown
                or IdleInTransactionTimeout

            // A session that cannot begin or go on, for instance because the disk has no room for the server's own files.
            || server is { SqlState: PostgresErrorCodes.InternalError, InvariantSeverity: "FATAL" or "PANIC" }
            || server.SqlState.StartsWith("08", StringComparison.Ordinal),
        NpgsqlException { InnerException: IOException or SocketException or TimeoutException or EndOfStreamException } => true,
        NpgsqlException driver => driver.IsTransient || IsNoHost(driver),

        // The driver's: somebody else's loss has cleared the pool of a connection that was just being handed out.
        ObjectDisposedException gone => gone.ObjectName == typeof(ManualResetEventSlim).FullName,
        IOException or SocketException => true,
        _ => false,
    };

    /// <summary>What was sent to be committed may be there or not; also where it is there now and may be lost by a failover.</summary>
    public static bool IsInDoubt(Exception exception) => IsLost(exception) || exception is ReplicatedCommit.NotReplicatedException;

    public static bool IsTransient(Exception exception) => IsRolledBack(exception) || IsRefused(exception) || IsInDoubt(exception);

    public static bool IsMissingObject(Exception exception) => exception is PostgresException
    {
        SqlState: PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.UndefinedFunction or PostgresErrorCodes.InvalidSchemaName,
    };

    /// <summary>The exception that a caller is to see for one of the driver's; null where that is the driver's own.</summary>
    public static Exception? Translate(Exception exception, SchemaName schema)
    {
        if (IsMissingObject(exception))
        {
            return new SchemaNotInstalledException(schema.Name, exception);
        }

        if (exception is PostgresException { SqlState: NotReadCommitted })
        {
            return new InvalidOperationException(
                "A condition, or the begin of a restore, is exact in a READ COMMITTED transaction only: any other does not see what has been stored since it began.", exception);
        }

        if (exception is PostgresException { SqlState: SequenceAtItsEnd })
        {
            return new EventStoreUnavailableException(
                $"A log is being restored into schema '{schema.Name}': appends are taken when that has ended.", exception);
        }

        return IsTransient(exception) || IsLogin(exception)
            ? new EventStoreUnavailableException(
                $"PostgreSQL cannot be reached or does not take work now: {exception.Message} Check the connection string and the server.",
                exception)
            : null;
    }

    public static async Task<T> TranslateAsync<T>(SchemaName schema, Func<Task<T>> work)
    {
        try
        {
            return await work().ConfigureAwait(false);
        }
        catch (Exception exception) when (Translate(exception, schema) is not null)
        {
            throw Translate(exception, schema)!;
        }
    }

    // Of several hosts none can be reached, or none of them is the primary now; each host's own failure is inside, where there was one.
    // What the driver throws without a cause at any other time is no better known.
    private static bool IsNoHost(NpgsqlException driver) => driver.GetType() == typeof(NpgsqlException) && driver.InnerException is null or AggregateException;

    private static bool IsLogin(Exception exception) => exception is PostgresException
    {
        SqlState: PostgresErrorCodes.InvalidPassword
            or PostgresErrorCodes.InvalidAuthorizationSpecification
            or PostgresErrorCodes.InvalidCatalogName,
    };
}
