using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace EventSourcing.Torture;

/// <summary>Stands between clients and a server, and is as bad a network as it is told to be.</summary>
internal sealed class FaultyProxy : IAsyncDisposable
{
    private readonly EndPoint server;
    private readonly Random random;
    private readonly Lock gate = new();
    private readonly ConcurrentDictionary<FaultyConnection, byte> connections = new();
    private readonly CancellationTokenSource disposing = new();
    private readonly int port;
    private Socket listener;
    private TaskCompletionSource passing = Passing(isOpen: true);

    /// <summary>Makes a proxy that does no harm yet.</summary>
    /// <param name="serverPort">Where the server is, on this machine.</param>
    /// <param name="random">Draws what goes wrong.</param>
    public FaultyProxy(int serverPort, Random random)
    {
        server = new IPEndPoint(IPAddress.Loopback, serverPort);
        this.random = random;
        listener = Listen(0);
        port = ((IPEndPoint)listener.LocalEndPoint!).Port;
        _ = AcceptAsync(listener);
    }

    public int Port => port;

    /// <summary>Draws what is to go wrong with a new connection; by default nothing.</summary>
    public Func<Random, NetworkFault> FaultOf { get; set; } = _ => NetworkFault.None;

    /// <summary>Draws whether and where to cut when an append or a commit is on its way; by default not.</summary>
    public Func<Random, AimedCut?> CutOf { get; set; } = _ => null;

    /// <summary>How long the server does not notice that a client has gone without a word; as with TCP keepalive set on it.</summary>
    public TimeSpan UnnoticedByServer { get; set; } = TimeSpan.FromSeconds(4);

    /// <summary>How late something is that arrives after its client has gone.</summary>
    public TimeSpan LateBy { get; set; } = TimeSpan.FromMilliseconds(300);

    /// <summary>What has happened, and how often.</summary>
    public ConcurrentDictionary<string, long> Happened { get; } = new(StringComparer.Ordinal);

    /// <summary>From now on nothing goes wrong with what works. What is stalled stays so until its client gives it up.</summary>
    public void Heal()
    {
        FaultOf = _ => NetworkFault.None;
        CutOf = _ => null;
        foreach (var connection in connections.Keys)
        {
            connection.Spare();
        }
    }

    /// <summary>Nothing passes in either direction, nor does a new connection get through; nobody is told. What is under way is late, not lost.</summary>
    public void BeginPartition()
    {
        Did("partition");
        lock (gate)
        {
            passing = passing.Task.IsCompleted ? Passing(isOpen: false) : passing;
        }
    }

    public void EndPartition()
    {
        lock (gate)
        {
            passing.TrySetResult();
        }
    }

    /// <summary>Refuses new connections for a while.</summary>
    public async Task RefuseAsync(TimeSpan time)
    {
        Did("refusal");
        listener.Dispose();
        await Task.Delay(time);
        while (true)
        {
            try
            {
                listener = Listen(port);
                break;
            }
            catch (SocketException)
            {
                // Somebody's outgoing connection has the port just now.
                await Task.Delay(100);
            }
        }

        _ = AcceptAsync(listener);
    }

    public void ResetAll()
    {
        Did("reset of all");
        foreach (var connection in connections.Keys)
        {
            connection.Reset();
        }
    }

    /// <summary>Stalls, for ever, the connections whose client said something like this last; tells how many.</summary>
    public int StallThoseThatSaidLast(string text) => connections.Keys.Count(connection => connection.StallIfLastSaid(text));

    public async ValueTask DisposeAsync()
    {
        await disposing.CancelAsync();
        listener.Dispose();
        EndPartition();
        foreach (var connection in connections.Keys)
        {
            connection.Reset();
        }

        disposing.Dispose();
    }

    internal void Did(string what) => Happened.AddOrUpdate(what, 1, (_, before) => before + 1);

    /// <summary>Completes when something may pass.</summary>
    internal Task PassAsync()
    {
        lock (gate)
        {
            return passing.Task;
        }
    }

    internal T Draw<T>(Func<Random, T> draw)
    {
        lock (gate)
        {
            return draw(random);
        }
    }

    private static TaskCompletionSource Passing(bool isOpen)
    {
        var passing = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (isOpen)
        {
            passing.SetResult();
        }

        return passing;
    }

    private static Socket Listen(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            socket.Listen(512);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task AcceptAsync(Socket accepting)
    {
        while (!disposing.IsCancellationRequested)
        {
            Socket client;
            try
            {
                client = await accepting.AcceptAsync();
            }
            catch (Exception closed) when (closed is SocketException or ObjectDisposedException)
            {
                return;
            }

            _ = ServeAsync(client);
        }
    }

    private async Task ServeAsync(Socket client)
    {
        using var upstream = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using (client)
        {
            client.NoDelay = true;
            try
            {
                await PassAsync();
                await upstream.ConnectAsync(server);
            }
            catch (SocketException)
            {
                return;
            }

            var connection = new FaultyConnection(this, client, upstream, Draw(FaultOf));
            connections.TryAdd(connection, 0);
            try
            {
                await connection.RunAsync();
            }
            catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
            {
                // As it was meant to be.
            }
            finally
            {
                connections.TryRemove(connection, out _);
            }
        }
    }
}
