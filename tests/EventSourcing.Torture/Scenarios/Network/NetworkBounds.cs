using Npgsql;

namespace EventSourcing.Torture;

/// <summary>
/// What the connection string of the processes allows, and how long a call may therefore take; see "What bounds what" in
/// docs/postgresql.md.
/// </summary>
internal static class NetworkBounds
{
    private static readonly TimeSpan Connect = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Command = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Cancellation = TimeSpan.FromMilliseconds(500);

    // As in PostgreSqlOptions, and the pauses between the tries at their longest.
    private const int MaxAttempts = 4;
    private static readonly TimeSpan Pauses = TimeSpan.FromMilliseconds(210);

    /// <summary>A connection that answers no more is given up after a command's time, and the driver then asks the server to cancel it,
    /// on a new one that may not be answered either, with encryption and without.</summary>
    private static readonly TimeSpan GivingUp = Command + Connect + Connect + Cancellation;

    /// <summary>One try: a connection, and each of its statements prepared and run. The last one is given up; the others were only just in time.</summary>
    private static TimeSpan Try(int statements) => Connect + (Command * ((2 * statements) - 1)) + GivingUp;

    /// <summary>One page of a read: tries of one statement, after tries of a look at how far the log is final, which has three; and who asks
    /// may find a look under way, and waits for the next.</summary>
    public static readonly TimeSpan Read = (MaxAttempts * Try(1)) + (2 * 3 * MaxAttempts * Try(1)) + (7 * Pauses);

    /// <summary>An append: it waits for the batch before, for its own, and is then tried alone.</summary>
    public static readonly TimeSpan Append = (2 * Try(1)) + (MaxAttempts * Try(2)) + Pauses;

    /// <summary>In a good network: what hangs is given up, in a batch and alone, and what is done then works. Twice, for a machine that has more to do.</summary>
    public static readonly TimeSpan Recovery = 2 * (Try(1) + Try(2));

    /// <summary>A consumer that has failed for long comes again after its longest pause only.</summary>
    public static readonly TimeSpan ConsumerRecovery = Recovery + new ConsumerOptions().LongestRetryDelay;

    /// <summary>The way to the store through a proxy, with short timeouts.</summary>
    public static string ConnectionString(string connectionString, FaultyProxy proxy) => new NpgsqlConnectionStringBuilder(connectionString)
    {
        Host = "127.0.0.1",
        Port = proxy.Port,
        Timeout = (int)Connect.TotalSeconds,
        CommandTimeout = (int)Command.TotalSeconds,
        CancellationTimeout = (int)Cancellation.TotalMilliseconds,
        KeepAlive = 2,
    }.ConnectionString;
}
