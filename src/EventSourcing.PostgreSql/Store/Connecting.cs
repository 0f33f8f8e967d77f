using Npgsql;

namespace EventSourcing.PostgreSql;

/// <summary>Gets connections from the driver's pool, and empties it of those that are likely dead.</summary>
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

    /// <summary>The same, where nothing can be awaited.</summary>
    /// <exception cref="NpgsqlException">There is none to be had.</exception>
    public static NpgsqlConnection Open(NpgsqlDataSource dataSource)
    {
        try
        {
            return dataSource.OpenConnection();
        }
        catch (TimeoutException failure)
        {
            throw new NpgsqlException("No connection was opened in time.", failure);
        }
    }

    /// <summary>Empties the pool of all connections that were opened before. Never fails.</summary>
    /// <remarks>
    /// The driver's own clearing returns at once where another thread is at it, which may have only begun: a dead connection clears the
    /// pool, too, as it fails. Of several that fail together, all but the first would find the others' there, and wait for them.
    /// </remarks>
    public static async ValueTask ClearPoolAsync(NpgsqlDataSource dataSource)
    {
        dataSource.Clear();
        if (dataSource is NpgsqlMultiHostDataSource)
        {
            // It may ask a connection who its server is before it hands it out: a dead one would be waited for here.
            return;
        }

        // What is left is taken out, and then given back: of that the driver keeps only what was opened after the clearing.
        var left = new List<NpgsqlConnection>();
        while (await TakeIdleAsync(dataSource).ConfigureAwait(false) is { } connection)
        {
            left.Add(connection);
        }

        foreach (var connection in left)
        {
            await connection.DisposeAsync().AsTask().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>A connection that waits in the pool; null where there is none, or nothing to have one from.</summary>
    private static async ValueTask<NpgsqlConnection?> TakeIdleAsync(NpgsqlDataSource dataSource)
    {
        // Cancelled before it begins: the driver looks into its pool first, and opens none.
        var opening = dataSource.OpenConnectionAsync(new CancellationToken(canceled: true)).AsTask();
        await ((Task)opening).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return opening.IsCompletedSuccessfully ? await opening.ConfigureAwait(false) : null;
    }
}
