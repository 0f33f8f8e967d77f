using System.Text;
using EventSourcing.TestInfrastructure;
using RabbitMQ.Client;

namespace EventSourcing.RabbitMq;

/// <summary>What arrives at a running broker.</summary>
public sealed class PublishingTests
{
    private readonly string exchange = Messages.NewExchange();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_message_arrives_with_everything_it_carries()
    {
        await using var queue = await OpenQueueAsync();
        await using var publisher = await PublisherAsync();
        var sent = Messages.New() with
        {
            Key = "order-17",
            CorrelationId = "conversation-1",
            CausationId = "cause-1",
            TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            OccurredAt = new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.FromHours(2)).AddTicks(1_234_567),
            Headers = new Dictionary<string, string> { ["tenant"] = "grün", ["empty"] = "" },
        };

        await publisher.PublishAsync([sent], Cancellation);

        var (delivery, body) = (await queue.TakeAllAsync(Cancellation)).Should().ContainSingle().Which;
        var properties = delivery.BasicProperties;
        body.Should().Equal(sent.Body.ToArray());
        delivery.Exchange.Should().Be(exchange);
        delivery.RoutingKey.Should().Be(sent.Topic);
        properties.MessageId.Should().Be(sent.Id.ToString());
        properties.Type.Should().Be(sent.Type);
        properties.CorrelationId.Should().Be("conversation-1");
        properties.ContentType.Should().Be("application/json");
        properties.DeliveryMode.Should().Be(DeliveryModes.Persistent);
        properties.Timestamp.UnixTime.Should().Be(sent.OccurredAt.ToUnixTimeSeconds());
        properties.Headers!.ToDictionary(header => header.Key, header => Encoding.UTF8.GetString((byte[])header.Value!)).Should().BeEquivalentTo(
            new Dictionary<string, string>
            {
                ["tenant"] = "grün",
                ["empty"] = "",
                [MessageHeaders.Key] = "order-17",
                [MessageHeaders.CausationId] = "cause-1",
                [MessageHeaders.TraceParent] = sent.TraceParent,
                [MessageHeaders.OccurredAt] = "2026-03-04T05:06:07.1234567+02:00",
            });
    }

    [Fact]
    public async Task What_is_not_given_is_not_sent()
    {
        await using var queue = await OpenQueueAsync();
        await using var publisher = await PublisherAsync();

        await publisher.PublishAsync([Messages.New()], Cancellation);

        var properties = (await queue.TakeAllAsync(Cancellation)).Should().ContainSingle().Which.Delivery.BasicProperties;
        properties.IsCorrelationIdPresent().Should().BeFalse();
        properties.Headers!.Keys.Should().Equal(MessageHeaders.OccurredAt);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(500)]
    public async Task Messages_arrive_in_order_however_few_may_be_unconfirmed(int maxUnconfirmed)
    {
        await using var queue = await OpenQueueAsync();
        await using var publisher = await PublisherAsync(options => options.MaxUnconfirmed = maxUnconfirmed);

        await publisher.PublishAsync(Messages.Many(300), Cancellation);
        await publisher.PublishAsync([], Cancellation);
        await publisher.PublishAsync(Messages.Many(300, first: 301), Cancellation);

        (await queue.TakeAllAsync(Cancellation)).Select(taken => Messages.Number(taken.Body)).Should().Equal(Enumerable.Range(1, 600));
    }

    [Fact]
    public async Task Concurrent_calls_each_keep_their_messages_together_and_in_order()
    {
        await using var queue = await OpenQueueAsync();
        await using var publisher = await PublisherAsync(options => options.MaxUnconfirmed = 50);

        await Task.WhenAll(Enumerable.Range(0, 40).Select(call =>
            Task.Run(() => publisher.PublishAsync(Messages.Many(25, first: call * 25), Cancellation), Cancellation)));

        var numbers = (await queue.TakeAllAsync(Cancellation)).Select(taken => Messages.Number(taken.Body)).ToArray();
        numbers.Should().BeEquivalentTo(Enumerable.Range(0, 1000));
        foreach (var call in numbers.Chunk(25))
        {
            call.Should().Equal(Enumerable.Range(call[0], 25));
        }
    }

    [Fact]
    public async Task A_queue_that_is_full_is_a_passing_failure()
    {
        await using var queue = await TestQueue.OpenAsync(
            await RabbitMqServer.GetAsync(Cancellation), exchange, "shop.#", Cancellation,
            new Dictionary<string, object?> { ["x-max-length"] = 2, ["x-overflow"] = "reject-publish" });
        await using var publisher = await PublisherAsync();

        var tooMany = () => publisher.PublishAsync(Messages.Many(20), Cancellation);

        (await tooMany.Should().ThrowAsync<MessagePublishingException>()).Which.IsTransient.Should().BeTrue();
        await queue.TakeAllAsync(Cancellation);
        await publisher.PublishAsync(Messages.Many(1), Cancellation);
        (await queue.TakeAllAsync(Cancellation)).Should().ContainSingle();
    }

    private async Task<RabbitMqPublisher> PublisherAsync(Action<RabbitMqOptions>? configure = null)
    {
        var options = new RabbitMqOptions { Exchange = exchange };
        configure?.Invoke(options);
        return new RabbitMqPublisher(await RabbitMqServer.GetAsync(Cancellation), options);
    }

    private async Task<TestQueue> OpenQueueAsync() =>
        await TestQueue.OpenAsync(await RabbitMqServer.GetAsync(Cancellation), exchange, "shop.#", Cancellation);
}
