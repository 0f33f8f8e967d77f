using System.Net.Sockets;
using System.Text;

namespace EventSourcing.Torture;

/// <summary>One connection through a <see cref="FaultyProxy"/>.</summary>
internal sealed class FaultyConnection(FaultyProxy proxy, Socket client, Socket server, NetworkFault fault)
{
    private const int TrickledBytes = 7;

    private static readonly TimeSpan TrickleTime = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan TricklePause = TimeSpan.FromMilliseconds(20);

    // Of PostgreSQL's protocol: the message that ends what is asked, and the one that ends an answer, when all is committed.
    private static readonly byte[] Sync = [(byte)'S', 0, 0, 0, 4];
    private static readonly byte[] Ready = [(byte)'Z', 0, 0, 0, 5];

    private readonly Lock gate = new();
    private byte[] lastSaid = [];
    private volatile bool isSpared;
    private volatile bool isStalledUp;
    private volatile bool isStalledDown;
    private volatile bool isAnswerLost;
    private long leftOfTrickle = -1;
    private Task? unnoticed;

    /// <summary>Completes when both ends are gone.</summary>
    public async Task RunAsync()
    {
        try
        {
            await Task.WhenAll(PumpAsync(client, server, isUp: true), PumpAsync(server, client, isUp: false));
        }
        finally
        {
            Reset();
        }
    }

    /// <summary>Nothing goes wrong any more, unless it has.</summary>
    public void Spare() => isSpared = true;

    /// <summary>Tells both ends at once that the connection is gone.</summary>
    public void Reset()
    {
        Abort(client);
        Abort(server);
    }

    public bool StallIfLastSaid(string text)
    {
        lock (gate)
        {
            if (lastSaid.AsSpan().IndexOf(Encoding.UTF8.GetBytes(text)) < 0)
            {
                return false;
            }
        }

        Stall(up: true, down: true);
        return true;
    }

    private static void Abort(Socket socket)
    {
        try
        {
            socket.LingerState = new LingerOption(enable: true, seconds: 0);
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
        {
            // By itself.
        }

        socket.Dispose();
    }

    private async Task PumpAsync(Socket from, Socket to, bool isUp)
    {
        var buffer = new byte[32 * 1024];
        var passed = 0L;
        try
        {
            while (true)
            {
                var read = await from.ReceiveAsync(buffer.AsMemory());
                await DelayAsync();
                await proxy.PassAsync();
                if (isUp ? isStalledUp : isStalledDown)
                {
                    break;
                }

                if (read == 0)
                {
                    to.Shutdown(SocketShutdown.Send);
                    break;
                }

                ReadOnlyMemory<byte> bytes = buffer.AsMemory(0, read);
                if (isUp)
                {
                    Hear(bytes);
                    if (!isSpared && Carries(bytes.Span) && proxy.Draw(proxy.CutOf) is { } cut && await CutAsync(cut, bytes))
                    {
                        break;
                    }
                }
                else if (isAnswerLost)
                {
                    if (bytes.Span.IndexOf(Ready) >= 0)
                    {
                        Reset();
                        break;
                    }

                    continue;
                }

                passed += read;
                if (!isSpared && fault.Kind != NetworkFaultKind.None && fault.IsUp == isUp && passed >= fault.AfterBytes)
                {
                    if (fault.Kind != NetworkFaultKind.Trickle)
                    {
                        await BreakAsync(from, to, bytes);
                        break;
                    }

                    bytes = await TrickleAsync(to, bytes);
                }

                await SendAsync(to, bytes);
            }
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
        {
            if (unnoticed is null)
            {
                Reset();
            }
        }

        if (isUp && unnoticed is { } silence)
        {
            await silence;
            await DiscardAsync(client);
        }
    }

    /// <summary>What the client asks that changes something: an event's payload is in it, or it ends a transaction.</summary>
    private static bool Carries(ReadOnlySpan<byte> bytes) => bytes.IndexOf("\"amount\":"u8) >= 0 || bytes.IndexOf("COMMIT\0"u8) >= 0;

    private static async Task SendAsync(Socket to, ReadOnlyMemory<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            bytes = bytes[await to.SendAsync(bytes)..];
        }
    }

    private void Hear(ReadOnlyMemory<byte> bytes)
    {
        lock (gate)
        {
            lastSaid = bytes.ToArray();
        }
    }

    private Task DelayAsync() => isSpared || fault.Latency == TimeSpan.Zero
        ? Task.CompletedTask
        : Task.Delay(fault.Latency + (fault.Jitter * proxy.Draw(random => random.NextDouble())));

    /// <summary>Does what the connection's fault is. Nothing more passes this way.</summary>
    private async Task BreakAsync(Socket from, Socket to, ReadOnlyMemory<byte> bytes)
    {
        proxy.Did(fault.Kind.ToString());
        switch (fault.Kind)
        {
            case NetworkFaultKind.Reset:
                Reset();
                break;
            case NetworkFaultKind.Truncate:
                await SendAsync(to, bytes[..(bytes.Length / 2)]);
                client.Shutdown(SocketShutdown.Send);
                server.Shutdown(SocketShutdown.Send);
                break;
            case NetworkFaultKind.HalfClose:
                to.Shutdown(SocketShutdown.Send);
                await DiscardAsync(from);
                break;
            case NetworkFaultKind.StallOneWay:
                Stall(fault.IsUp, !fault.IsUp);
                break;
            case NetworkFaultKind.Stall:
                Stall(up: true, down: true);
                break;
        }
    }

    /// <summary>Passes a few bytes at a time, as long as that is to last; gives back what is left.</summary>
    private async Task<ReadOnlyMemory<byte>> TrickleAsync(Socket to, ReadOnlyMemory<byte> bytes)
    {
        if (leftOfTrickle < 0)
        {
            proxy.Did(fault.Kind.ToString());
            leftOfTrickle = (long)(TrickleTime / TricklePause);
        }

        for (; bytes.Length > TrickledBytes && leftOfTrickle > 0 && !isSpared; leftOfTrickle--)
        {
            await SendAsync(to, bytes[..TrickledBytes]);
            bytes = bytes[TrickledBytes..];
            await Task.Delay(TricklePause);
        }

        return bytes;
    }

    /// <summary>Cuts at a chosen place; true where nothing more is to pass from the client.</summary>
    private async Task<bool> CutAsync(AimedCut cut, ReadOnlyMemory<byte> bytes)
    {
        proxy.Did(cut.ToString());
        switch (cut)
        {
            case AimedCut.BeforeArrival:
                Reset();
                return true;
            case AimedCut.HalfArrived:
                // First, or an answer might still pass.
                Abort(client);
                await SendAsync(server, bytes[..(bytes.Length / 2)]);
                await UnnoticedAsync();
                return true;
            case AimedCut.WithoutEnd when bytes.Span.EndsWith(Sync):
                Abort(client);
                await SendAsync(server, bytes[..^Sync.Length]);
                await UnnoticedAsync();
                return true;
            case AimedCut.ArrivesLate:
                Abort(client);
                await Task.Delay(proxy.LateBy);
                await SendAsync(server, bytes);
                await UnnoticedAsync();
                return true;
            case AimedCut.BeforeAnswer:
                isAnswerLost = true;
                return false;
            case AimedCut.NoAnswer:
                Stall(up: false, down: true);
                return false;
            default:
                return false;
        }
    }

    /// <summary>Nothing passes any more that way. After a time the server knows that nobody is there; the client is never told, but may go.</summary>
    private void Stall(bool up, bool down)
    {
        isStalledUp |= up;
        isStalledDown |= down;
        lock (gate)
        {
            unnoticed ??= UnnoticedAsync();
        }
    }

    private async Task UnnoticedAsync()
    {
        await Task.Delay(proxy.UnnoticedByServer);
        Abort(server);
    }

    private static async Task DiscardAsync(Socket from)
    {
        var buffer = new byte[4096];
        while (await from.ReceiveAsync(buffer.AsMemory()) > 0)
        {
            // Gone.
        }
    }
}
