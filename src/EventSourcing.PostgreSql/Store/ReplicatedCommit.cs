using Npgsql;

namespace EventSourcing.PostgreSql;

/// <summary>
/// Hears whether the server gave up waiting for its synchronous standby. A cancellation in that wait (a timeout of the driver, an
/// administrator) does not fail the statement: the server answers as if all were well, with a warning beside it, and the standby
/// may not have what was committed.
/// </summary>
internal static class ReplicatedCommit
{
    // The SQLSTATE of all warnings: only the place in the server that it comes from tells this one, in whatever language.
    private const string Place = "SyncRepWaitForLSN";

    /// <summary>Runs what commits.</summary>
    /// <exception cref="NotReplicatedException">It is committed, and a failover may lose it.</exception>
    public static async Task<T> RunAsync<T>(NpgsqlConnection connection, Func<Task<T>> commit)
    {
        PostgresNotice? given = null;
        void Hear(object sender, NpgsqlNoticeEventArgs heard) => given = heard.Notice.Routine == Place ? heard.Notice : given;
        connection.Notice += Hear;
        try
        {
            var result = await commit().ConfigureAwait(false);
            return given is null ? result : throw new NotReplicatedException(given.MessageText);
        }
        finally
        {
            connection.Notice -= Hear;
        }
    }

    public static Task CommitAsync(NpgsqlTransaction transaction, CancellationToken cancellationToken) => RunAsync(
        transaction.Connection!,
        async () =>
        {
            await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
            return true;
        });

    /// <summary>The transaction is committed on this server, and its synchronous standby may not have it.</summary>
    public sealed class NotReplicatedException(string message) : Exception(message);
}
