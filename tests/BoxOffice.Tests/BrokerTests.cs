using System.Text.Json;
using EventSourcing.TestInfrastructure;
using RabbitMQ.Client;

namespace BoxOffice;

/// <summary>The program with a broker.</summary>
public sealed class BrokerTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_broker_is_told_of_each_confirmed_booking_once()
    {
        var address = await RabbitMqServer.GetAsync(Cancellation);
        await using var connection = await new ConnectionFactory { Uri = address }.CreateConnectionAsync(Cancellation);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: Cancellation);
        await channel.ExchangeDeclareAsync(BoxOfficeApplication.Schema, ExchangeType.Topic, durable: true, cancellationToken: Cancellation);
        var queue = await channel.QueueDeclareAsync(cancellationToken: Cancellation);
        await channel.QueueBindAsync(queue.QueueName, BoxOfficeApplication.Schema, "box-office.booking.#", cancellationToken: Cancellation);

        var (code, output) = await SampleProgram.RunAsync("--rabbitmq", address.ToString());

        code.Should().Be(0, output);
        var guests = new List<string>();
        while (await channel.BasicGetAsync(queue.QueueName, autoAck: true, Cancellation) is { } delivery)
        {
            delivery.BasicProperties.Type.Should().Be("booking-confirmed.v1");
            guests.Add(JsonDocument.Parse(delivery.Body).RootElement.GetProperty("guest").GetString()!);
        }

        guests.Should().BeEquivalentTo("Ada", "Alan", "Edsger");
    }

    [Fact]
    public async Task A_broker_that_is_away_holds_up_nobody_and_is_named_at_the_end()
    {
        var (code, output) = await SampleProgram.RunAsync("--rabbitmq", "amqp://127.0.0.1:1");

        code.Should().Be(1, output);
        output.Should().ContainAll("the late payment was refunded", "Not everything came to its end");
        output.Should().NotContain("   at ", "a stack is nothing for a table");
        output.Should().MatchRegex(@"message-relay +│ Retrying │ +│ 3 ");
    }
}
