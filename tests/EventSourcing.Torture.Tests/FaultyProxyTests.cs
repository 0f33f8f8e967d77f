using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace EventSourcing.Torture;

/// <summary>The bad network does what it says, or what it proves is worth nothing.</summary>
public sealed class FaultyProxyTests : IAsyncLifetime
{
    private readonly TcpListener server = new(IPAddress.Loopback, 0);
    private FaultyProxy proxy = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        server.Start();
        proxy = new FaultyProxy(((IPEndPoint)server.LocalEndpoint).Port, new Random(1)) { UnnoticedByServer = TimeSpan.FromMilliseconds(300) };
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await proxy.DisposeAsync();
        server.Dispose();
    }

    [Theory]
    [InlineData(NetworkFaultKind.None)]
    [InlineData(NetworkFaultKind.Trickle)]
    internal async Task What_is_slow_arrives_whole_and_once(NetworkFaultKind kind)
    {
        proxy.FaultOf = _ => new NetworkFault(kind, IsUp: true, AfterBytes: 10) { Latency = TimeSpan.FromMilliseconds(1), Jitter = TimeSpan.FromMilliseconds(1) };
        var (client, upstream) = await ConnectAsync();
        var sent = new byte[100_000];
        new Random(2).NextBytes(sent);

        await client.SendAsync(sent, Cancellation);
        client.Shutdown(SocketShutdown.Send);

        (await ReceiveAllAsync(upstream)).Should().Equal(sent);
    }

    [Fact]
    public async Task A_partition_delays_and_loses_nothing()
    {
        var (client, upstream) = await ConnectAsync();
        proxy.BeginPartition();
        await client.SendAsync("late"u8.ToArray(), Cancellation);
        client.Dispose();
        var received = ReceiveAllAsync(upstream);
        await Task.Delay(200, Cancellation);
        received.IsCompleted.Should().BeFalse();

        proxy.EndPartition();

        (await received).Should().Equal("late"u8.ToArray());
    }

    [Fact]
    public async Task A_client_of_a_stalled_connection_is_never_told_and_the_server_after_a_while()
    {
        proxy.FaultOf = _ => new NetworkFault(NetworkFaultKind.StallOneWay, IsUp: false, AfterBytes: 1);
        var (client, upstream) = await ConnectAsync();
        await client.SendAsync("asked"u8.ToArray(), Cancellation);
        (await upstream.ReceiveAsync(new byte[10], Cancellation)).Should().Be(5);
        var begun = Stopwatch.GetTimestamp();
        await upstream.SendAsync("answered"u8.ToArray(), Cancellation);

        var answer = client.ReceiveAsync(new byte[10], Cancellation).AsTask();
        await FluentActions.Awaiting(async () => await upstream.ReceiveAsync(new byte[10], Cancellation)).Should().ThrowAsync<SocketException>();

        Stopwatch.GetElapsedTime(begun).Should().BeGreaterThan(TimeSpan.FromMilliseconds(200));
        await Task.Delay(300, Cancellation);
        answer.IsCompleted.Should().BeFalse();
    }

    [Theory]
    [InlineData(AimedCut.BeforeArrival, 0)]
    [InlineData(AimedCut.HalfArrived, 10)]
    [InlineData(AimedCut.WithoutEnd, 16)]
    [InlineData(AimedCut.ArrivesLate, 21)]
    [InlineData(AimedCut.BeforeAnswer, 21)]
    internal async Task So_much_of_an_append_arrives_and_no_answer_comes(AimedCut cut, int arrived)
    {
        proxy.CutOf = _ => cut;
        var (client, upstream) = await ConnectAsync();
        await client.SendAsync("{\"amount\":12345}S\0\0\0\u0004"u8.ToArray(), Cancellation);
        var received = 0;
        var buffer = new byte[100];
        try
        {
            while (received < arrived && await upstream.ReceiveAsync(buffer, Cancellation) is var read and > 0)
            {
                received += read;
            }

            // A server answers what has come.
            if (received > 0)
            {
                await upstream.SendAsync(new byte[] { (byte)'Z', 0, 0, 0, 5, (byte)'I' }, Cancellation);
            }

            while (await upstream.ReceiveAsync(buffer, Cancellation) is var more and > 0)
            {
                received += more;
            }
        }
        catch (SocketException)
        {
            // The end of it.
        }

        received.Should().Be(arrived);
        (await IsAnsweredAsync(client)).Should().BeFalse();
    }

    [Fact]
    public async Task Who_is_refused_comes_in_afterwards()
    {
        var refusing = proxy.RefuseAsync(TimeSpan.FromMilliseconds(300));
        await FluentActions.Awaiting(ConnectAsync).Should().ThrowAsync<SocketException>();
        await refusing;
        await ConnectAsync();
    }

    private async Task<(Socket Client, Socket Upstream)> ConnectAsync()
    {
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await client.ConnectAsync(new IPEndPoint(IPAddress.Loopback, proxy.Port), Cancellation);
        return (client, await server.AcceptSocketAsync(Cancellation));
    }

    private static async Task<bool> IsAnsweredAsync(Socket client)
    {
        try
        {
            return await client.ReceiveAsync(new byte[10], Cancellation) > 0;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static async Task<byte[]> ReceiveAllAsync(Socket socket)
    {
        var all = new MemoryStream();
        var buffer = new byte[8192];
        while (await socket.ReceiveAsync(buffer, Cancellation) is var read and > 0)
        {
            all.Write(buffer, 0, read);
        }

        return all.ToArray();
    }
}
