using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using EventSourcing.TestInfrastructure;

namespace EventSourcing.RabbitMq;

/// <summary>The broker is away, goes away in the middle, says nothing, or comes back.</summary>
public sealed class OutageTests
{
    private readonly string exchange = Messages.NewExchange();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_publisher_fails_while_the_broker_is_down_and_goes_on_by_itself_afterwards(bool isCrash)
    {
        await using var broker = await BrokerWithQueueAsync();
        await using var publisher = new RabbitMqPublisher(broker.Address, new RabbitMqOptions { Exchange = exchange });
        await publisher.PublishAsync(Messages.Many(3), Cancellation);

        await broker.StopAsync(isCrash, Cancellation);
        var publish = () => publisher.PublishAsync(Messages.Many(3, first: 4), Cancellation);
        (await publish.Should().ThrowAsync<MessagePublishingException>()).Which.IsTransient.Should().BeTrue();
        (await publish.Should().ThrowAsync<MessagePublishingException>()).Which.IsTransient.Should().BeTrue();
        await broker.StartAsync(Cancellation);

        await publish.Should().NotThrowAsync();
        await using var queue = await TestQueue.OpenAsync(broker.Address, exchange, "shop.#", Cancellation);
        (await queue.TakeAllAsync(Cancellation)).Select(taken => Messages.Number(taken.Body)).Should().Equal(1, 2, 3, 4, 5, 6);
    }

    [Fact]
    public async Task Nothing_is_lost_when_the_broker_is_killed_again_and_again_and_duplicates_carry_their_first_id()
    {
        const int Count = 20_000;
        await using var broker = await BrokerWithQueueAsync();
        await using var publisher = new RabbitMqPublisher(broker.Address, new RabbitMqOptions { Exchange = exchange });
        var messages = Messages.Many(Count);
        var failures = 0;
        var published = 0;

        var publishing = Task.Run(
            async () =>
            {
                foreach (var batch in messages.Chunk(100))
                {
                    while (!await TryPublishAsync(batch))
                    {
                        failures++;
                        await Task.Delay(50, Cancellation);
                    }

                    Interlocked.Add(ref published, batch.Length);
                }
            },
            Cancellation);
        foreach (var until in new[] { Count / 10, Count / 3, Count * 2 / 3 })
        {
            while (Volatile.Read(ref published) < until)
            {
                publishing.IsCompleted.Should().BeFalse();
                await Task.Delay(1, Cancellation);
            }

            await broker.StopAsync(immediate: true, Cancellation);
            await broker.StartAsync(Cancellation);
        }

        await publishing;
        failures.Should().BeGreaterThanOrEqualTo(3);
        await using var queue = await TestQueue.OpenAsync(broker.Address, exchange, "shop.#", Cancellation);
        var taken = await queue.TakeAllAsync(Cancellation);
        TestContext.Current.TestOutputHelper?.WriteLine($"{taken.Count - Count} duplicates after {failures} failed calls");
        var arrived = taken.Select(one => (Guid.Parse(one.Delivery.BasicProperties.MessageId!), Messages.Number(one.Body))).Distinct();
        arrived.Order().Should().Equal(messages.Select((message, index) => (message.Id, index + 1)).Order());

        async Task<bool> TryPublishAsync(PublicMessage[] batch)
        {
            try
            {
                await publisher.PublishAsync(batch, Cancellation);
                return true;
            }
            catch (MessagePublishingException passing) when (passing.IsTransient)
            {
                return false;
            }
        }
    }

    [Fact]
    public async Task A_broker_that_hangs_is_given_up_in_time_and_published_to_once_it_answers()
    {
        await using var broker = await RabbitMqServer.StartDedicatedAsync(Cancellation);
        await using var queue = await TestQueue.OpenAsync(broker.Address, exchange, "shop.#", Cancellation);
        var options = new RabbitMqOptions { Exchange = exchange, ConfirmTimeout = TimeSpan.FromSeconds(1), ConnectTimeout = TimeSpan.FromSeconds(2) };
        await using var publisher = new RabbitMqPublisher(broker.Address, options);
        await publisher.PublishAsync(Messages.Many(3), Cancellation);

        // A few that wait for their confirms, then far more than the buffers on the way hold.
        var padding = new byte[100_000];
        padding.AsSpan().Fill((byte)' ');
        PublicMessage[][] batches = [Messages.Many(3, first: 4), [.. Messages.Many(300, first: 7).Select(message => message with { Body = (byte[])[.. message.Body.Span, .. padding] })]];
        foreach (var batch in batches)
        {
            await broker.SuspendAsync(Cancellation);
            var publish = () => publisher.PublishAsync(batch, Cancellation);
            (await publish.Should().ThrowAsync<MessagePublishingException>()).Which.IsTransient.Should().BeTrue();
            (await publish.Should().ThrowAsync<MessagePublishingException>()).Which.IsTransient.Should().BeTrue();
            await broker.ResumeAsync(Cancellation);
            await publish.Should().NotThrowAsync();
        }

        (await queue.TakeAllAsync(Cancellation)).Select(taken => Messages.Number(taken.Body)).Distinct().Should().BeEquivalentTo(Enumerable.Range(1, 306));
    }

    [Fact]
    public async Task A_broker_that_cannot_be_reached_is_a_passing_failure()
    {
        await using var publisher = new RabbitMqPublisher(new Uri("amqp://127.0.0.1:1"));

        var publish = () => publisher.PublishAsync(Messages.Many(1), Cancellation);

        (await publish.Should().ThrowAsync<MessagePublishingException>()).Which.IsTransient.Should().BeTrue();
    }

    [Fact]
    public async Task A_broker_that_accepts_and_says_nothing_is_given_up_in_time()
    {
        using var mute = Mute();
        await using var publisher = new RabbitMqPublisher(AddressOf(mute), new RabbitMqOptions { ConnectTimeout = TimeSpan.FromMilliseconds(300) });
        var started = Stopwatch.StartNew();

        var publish = () => publisher.PublishAsync(Messages.Many(1), Cancellation);

        (await publish.Should().ThrowAsync<MessagePublishingException>()).Which.IsTransient.Should().BeTrue();
        started.Elapsed.Should().BeLessThan(TimeSpan.FromSeconds(3));
    }

    [Fact]
    public async Task A_caller_who_cancels_waits_no_longer()
    {
        using var mute = Mute();
        await using var publisher = new RabbitMqPublisher(AddressOf(mute), new RabbitMqOptions { ConnectTimeout = TimeSpan.FromSeconds(40) });
        using var impatient = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        var started = Stopwatch.StartNew();

        // The first connects, the second waits for its turn.
        Func<Task>[] calls = [() => publisher.PublishAsync(Messages.Many(1), impatient.Token), () => publisher.PublishAsync(Messages.Many(1), impatient.Token)];

        await Task.WhenAll(calls.Select(call => call.Should().ThrowAsync<OperationCanceledException>()));
        started.Elapsed.Should().BeLessThan(TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task A_cancelled_call_leaves_the_publisher_as_good_as_before()
    {
        var address = await RabbitMqServer.GetAsync(Cancellation);
        await using var queue = await TestQueue.OpenAsync(address, exchange, "shop.#", Cancellation);
        await using var publisher = new RabbitMqPublisher(address, new RabbitMqOptions { Exchange = exchange, MaxUnconfirmed = 3 });
        var messages = Messages.Many(20_000);
        using var midway = new CancellationTokenSource();

        var cancelled = () => publisher.PublishAsync(messages, midway.Token);
        var publishing = cancelled.Should().ThrowAsync<OperationCanceledException>();
        await Task.Delay(200, Cancellation);
        await midway.CancelAsync();
        await publishing;
        await publisher.PublishAsync([messages[^1]], Cancellation);

        var numbers = (await queue.TakeAllAsync(Cancellation)).Select(taken => Messages.Number(taken.Body)).ToArray();
        numbers[^1].Should().Be(20_000);
        numbers[..^1].Should().Equal(Enumerable.Range(1, numbers.Length - 1)).And.HaveCountLessThan(19_999);
    }

    private async Task<RabbitMqBroker> BrokerWithQueueAsync()
    {
        var broker = await RabbitMqServer.StartDedicatedAsync(Cancellation);
        await (await TestQueue.OpenAsync(broker.Address, exchange, "shop.#", Cancellation)).DisposeAsync();

        // A killed broker may forget a queue that was declared a moment ago: queues reach the disk later than messages.
        await broker.StopAsync(immediate: false, Cancellation);
        await broker.StartAsync(Cancellation);
        return broker;
    }

    private static TcpListener Mute()
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return listener;
    }

    private static Uri AddressOf(TcpListener listener) => new($"amqp://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}");
}
