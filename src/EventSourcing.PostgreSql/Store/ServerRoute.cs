using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace EventSourcing.PostgreSql;

/// <summary>
/// Knows whether a proxy stands between a connection and the server. One that pools transactions runs each of them on another of its
/// connections, so whatever outlives a transaction there is somebody else's afterwards. The worst are prepared statements: the
/// driver of every client numbers its own from 1, and the server runs what another client has given that number, without an error
/// where the parameters fit.
/// </summary>
internal sealed class ServerRoute(ILogger logger)
{
    private readonly ConcurrentDictionary<(string? Host, int Port), bool> known = new();

    /// <summary>Whether the connection leads to the server itself. Asked once for each address.</summary>
    /// <param name="connection">An open connection, in a transaction or not.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async ValueTask<bool> IsDirectAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var address = (connection.Host, connection.Port);
        if (known.TryGetValue(address, out var isDirect))
        {
            return isDirect;
        }

        // A server tells whoever connects which of its processes serves him. A proxy has no one process, and tells a number of its own.
        var command = new NpgsqlCommand("select pg_backend_pid()", connection);
        await using (command.ConfigureAwait(false))
        {
            isDirect = (int)(await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))! == connection.ProcessID;
        }

        if (known.TryAdd(address, isDirect) && !isDirect)
        {
            Log.ProxyFound(logger, connection.Host, connection.Port);
        }

        return isDirect;
    }
}
