using RabbitMQ.Client;

namespace EventSourcing.RabbitMq;

/// <summary>A durable queue that takes what a test publishes, and the test's own connection to it.</summary>
internal sealed class TestQueue : IAsyncDisposable
{
    private readonly IConnection connection;
    private readonly IChannel channel;

    private TestQueue(IConnection connection, IChannel channel, string name)
    {
        this.connection = connection;
        this.channel = channel;
        Name = name;
    }

    public string Name { get; }

    /// <summary>Declares the exchange and a queue bound to it, or finds both as they were before the broker restarted.</summary>
    public static async Task<TestQueue> OpenAsync(
        Uri broker, string exchange, string topics, CancellationToken cancellationToken, IDictionary<string, object?>? arguments = null)
    {
        var connection = await new ConnectionFactory { Uri = broker }.CreateConnectionAsync(cancellationToken);
        var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        var queue = exchange + ".queue";
        await channel.ExchangeDeclareAsync(exchange, ExchangeType.Topic, durable: true, cancellationToken: cancellationToken);
        await channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false, arguments, cancellationToken: cancellationToken);
        await channel.QueueBindAsync(queue, exchange, topics, cancellationToken: cancellationToken);
        return new TestQueue(connection, channel, queue);
    }

    /// <summary>Takes out everything that is there now. Its bodies are copied: the client uses their memory again.</summary>
    public async Task<List<(BasicGetResult Delivery, byte[] Body)>> TakeAllAsync(CancellationToken cancellationToken)
    {
        var all = new List<(BasicGetResult Delivery, byte[] Body)>();
        while (await channel.BasicGetAsync(Name, autoAck: true, cancellationToken) is { } delivery)
        {
            all.Add((delivery, delivery.Body.ToArray()));
        }

        return all;
    }

    public async ValueTask DisposeAsync()
    {
        await channel.DisposeAsync();
        await connection.DisposeAsync();
    }
}
