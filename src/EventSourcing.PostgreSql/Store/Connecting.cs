using Npgsql;

namespace EventSourcing.PostgreSql;

/// <summary>Gets connections from the driver's pool.</summary>
internal static class Connecting
{
    /// <summary>Opens a connection; every failure is one of the driver's.</summary>
    /// <exception cref="NpgsqlException">There is none to be had.</exception>
    public static async ValueTask<NpgsqlConnection> OpenAsync(NpgsqlDataSource dataSource, CancellationToken cancellationToken)
    {
        try
        {
            return await dataSource.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException failure)
        {
            // Bare, where a connection waits for the data source's first one, which asks for the server's types and is not answered. Such a
            // one means no server only here: it may as well come from what an application does in a handler.
            throw new NpgsqlException("No connection was opened in time.", failure);
        }
    }
}
