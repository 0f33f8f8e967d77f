using EventSourcing.TestInfrastructure;
using Microsoft.Extensions.DependencyInjection;
using RabbitMQ.Client;

namespace EventSourcing.RabbitMq;

/// <summary>What is refused, by whom, and how a caller knows what to do about it.</summary>
public sealed class RefusalTests
{
    private readonly string exchange = Messages.NewExchange();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string, Action<RabbitMqOptions>> BadOptions => new()
    {
        { "no exchange", options => options.Exchange = "" },
        { "an exchange name that AMQP cannot carry", options => options.Exchange = new string('ü', 128) },
        { "no message at a time", options => options.MaxUnconfirmed = 0 },
        { "too many at a time", options => options.MaxUnconfirmed = 65_536 },
        { "no bytes", options => options.MaxMessageBytes = 0 },
        { "no time to connect", options => options.ConnectTimeout = TimeSpan.Zero },
        { "no time to confirm", options => options.ConfirmTimeout = TimeSpan.FromSeconds(-1) },
        { "all the time in the world", options => options.ConfirmTimeout = TimeSpan.MaxValue },
    };

    [Theory]
    [MemberData(nameof(BadOptions), DisableDiscoveryEnumeration = true)]
    public void Bad_options_are_refused_at_once(string what, Action<RabbitMqOptions> configure)
    {
        var register = () => new ServiceCollection().AddEventSourcing().AddRabbitMqPublisher(new Uri("amqp://localhost"), configure);
        var make = () =>
        {
            var options = new RabbitMqOptions();
            configure(options);
            return new RabbitMqPublisher(new Uri("amqp://localhost"), options);
        };

        register.Should().Throw<ArgumentException>(what);
        make.Should().Throw<ArgumentException>(what);
    }

    [Fact]
    public void An_address_that_is_not_amqp_is_refused_at_once()
    {
        var register = () => new ServiceCollection().AddEventSourcing().AddRabbitMqPublisher(new Uri("http://localhost"));

        register.Should().Throw<ArgumentException>();
    }

    [Fact]
    public async Task An_application_has_one_publisher()
    {
        var builder = new ServiceCollection().AddEventSourcing().AddRabbitMqPublisher(new Uri("amqp://localhost"));
        await using var provider = builder.Services.BuildServiceProvider();

        provider.GetRequiredService<IMessagePublisher>().Should().BeSameAs(provider.GetRequiredService<RabbitMqPublisher>());
        var again = () => builder.AddRabbitMqPublisher(new Uri("amqp://localhost"));
        again.Should().Throw<InvalidOperationException>();
    }

    [Fact]
    public async Task A_message_that_no_queue_takes_is_refused_and_named()
    {
        var address = await RabbitMqServer.GetAsync(Cancellation);
        await using var queue = await TestQueue.OpenAsync(address, exchange, "shop.#", Cancellation);
        await using var publisher = new RabbitMqPublisher(address, new RabbitMqOptions { Exchange = exchange });
        PublicMessage[] messages = [Messages.New(), Messages.New("nobody.listens"), Messages.New()];

        var publish = () => publisher.PublishAsync(messages, Cancellation);

        var refusal = (await publish.Should().ThrowAsync<MessagePublishingException>()).Which;
        refusal.IsTransient.Should().BeFalse();
        refusal.RefusedMessageId.Should().Be(messages[1].Id);
        await publisher.PublishAsync([messages[0]], Cancellation);
    }

    [Fact]
    public async Task Each_of_many_concurrent_calls_hears_of_its_own_messages_alone()
    {
        var address = await RabbitMqServer.GetAsync(Cancellation);
        await using var queue = await TestQueue.OpenAsync(address, exchange, "shop.#", Cancellation);
        await using var publisher = new RabbitMqPublisher(address, new RabbitMqOptions { Exchange = exchange });

        var calls = Enumerable.Range(0, 60).Select(async call =>
        {
            var isRefused = call % 3 == 0;
            var message = Messages.New(isRefused ? "nobody.listens" : "shop.order");
            var publish = () => publisher.PublishAsync([message], Cancellation);
            if (isRefused)
            {
                (await publish.Should().ThrowAsync<MessagePublishingException>()).Which.RefusedMessageId.Should().Be(message.Id);
            }
            else
            {
                await publish.Should().NotThrowAsync();
            }
        });

        await Task.WhenAll(calls);
    }

    [Fact]
    public async Task A_message_that_no_queue_takes_goes_nowhere_if_that_is_allowed()
    {
        var options = new RabbitMqOptions { Exchange = exchange, Mandatory = false };
        await using var publisher = new RabbitMqPublisher(await RabbitMqServer.GetAsync(Cancellation), options);

        await publisher.PublishAsync([Messages.New("nobody.listens")], Cancellation);
    }

    [Fact]
    public async Task A_message_that_is_too_large_is_refused_before_any_is_sent()
    {
        var address = await RabbitMqServer.GetAsync(Cancellation);
        await using var queue = await TestQueue.OpenAsync(address, exchange, "shop.#", Cancellation);
        await using var publisher = new RabbitMqPublisher(address, new RabbitMqOptions { Exchange = exchange, MaxMessageBytes = 100 });
        var large = Messages.New() with { Body = System.Text.Encoding.UTF8.GetBytes($"\"{new string('x', 99)}\"") };

        var publish = () => publisher.PublishAsync([Messages.New(), large], Cancellation);

        (await publish.Should().ThrowAsync<MessagePublishingException>()).Which.RefusedMessageId.Should().Be(large.Id);
        (await queue.TakeAllAsync(Cancellation)).Should().BeEmpty();
    }

    [Fact]
    public async Task A_missing_exchange_is_a_passing_failure_and_published_to_once_it_is_there()
    {
        var address = await RabbitMqServer.GetAsync(Cancellation);
        await using var publisher = new RabbitMqPublisher(address, new RabbitMqOptions { Exchange = exchange, DeclareExchange = false });
        var publish = () => publisher.PublishAsync(Messages.Many(3), Cancellation);

        var failure = (await publish.Should().ThrowAsync<MessagePublishingException>()).Which;
        failure.IsTransient.Should().BeTrue();
        failure.Message.Should().Contain(exchange);
        await using var queue = await TestQueue.OpenAsync(address, exchange, "shop.#", Cancellation);
        await publish.Should().NotThrowAsync();
        (await queue.TakeAllAsync(Cancellation)).Should().HaveCount(3);
    }

    [Fact]
    public async Task An_exchange_of_another_type_is_a_passing_failure_that_says_so()
    {
        var address = await RabbitMqServer.GetAsync(Cancellation);
        await using var connection = await new ConnectionFactory { Uri = address }.CreateConnectionAsync(Cancellation);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: Cancellation);
        await channel.ExchangeDeclareAsync(exchange, ExchangeType.Fanout, durable: true, cancellationToken: Cancellation);
        await using var publisher = new RabbitMqPublisher(address, new RabbitMqOptions { Exchange = exchange });

        var publish = () => publisher.PublishAsync(Messages.Many(1), Cancellation);

        var failure = (await publish.Should().ThrowAsync<MessagePublishingException>()).Which;
        failure.IsTransient.Should().BeTrue();
        failure.Message.Should().Contain(exchange).And.Contain("406");
    }

    [Fact]
    public async Task A_wrong_password_is_a_passing_failure_that_does_not_tell_it()
    {
        var address = new UriBuilder(await RabbitMqServer.GetAsync(Cancellation)) { UserName = "guest", Password = "open-sesame" }.Uri;
        await using var publisher = new RabbitMqPublisher(address, new RabbitMqOptions { Exchange = exchange });

        var publish = () => publisher.PublishAsync(Messages.Many(1), Cancellation);

        var failure = (await publish.Should().ThrowAsync<MessagePublishingException>()).Which;
        failure.IsTransient.Should().BeTrue();
        failure.ToString().Should().NotContain("open-sesame");
    }

    [Fact]
    public async Task A_null_among_the_messages_and_a_disposed_publisher_are_misuse()
    {
        var publisher = new RabbitMqPublisher(await RabbitMqServer.GetAsync(Cancellation), new RabbitMqOptions { Exchange = exchange });
        var withNull = () => publisher.PublishAsync([Messages.New(), null!], Cancellation);
        await withNull.Should().ThrowAsync<ArgumentException>();

        await publisher.DisposeAsync();
        await publisher.DisposeAsync();

        var disposed = () => publisher.PublishAsync(Messages.Many(1), Cancellation);
        await disposed.Should().ThrowAsync<ObjectDisposedException>();
    }
}
