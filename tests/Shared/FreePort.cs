using System.Net;
using System.Net.Sockets;

namespace EventSourcing.TestInfrastructure;

/// <summary>
/// Finds a port below the range from which the system serves outgoing connections. A port from that range could be
/// taken by any client while the server is stopped, or by the very client that tries to reconnect to it: a loopback
/// connection whose source port happens to equal its target connects to itself.
/// </summary>
internal static class FreePort
{
    private const int First = 20_000;
    private const int End = 30_000;

    public static int Find()
    {
        while (true)
        {
            var port = Random.Shared.Next(First, End);
            using var listener = new TcpListener(IPAddress.Loopback, port);
            try
            {
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Taken: another draw.
            }
        }
    }
}
