using EventSourcing.PostgreSql;
using EventSourcing.TestInfrastructure;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;

namespace EventSourcing.RabbitMq;

/// <summary>The whole way, from an append in PostgreSQL to a consumer's queue.</summary>
public sealed class RelayTests : IAsyncLifetime
{
    private readonly string exchange = Messages.NewExchange();
    private readonly string schema = PostgreSqlServer.NewSchemaName();
    private RabbitMqBroker broker = null!;
    private string database = string.Empty;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        database = (await PostgreSqlServer.GetAsync(Cancellation)).ConnectionString;
        broker = await RabbitMqServer.StartDedicatedAsync(Cancellation);
        await (await TestQueue.OpenAsync(broker.Address, exchange, "shop.#", Cancellation)).DisposeAsync();

        // A killed broker may forget a queue that was declared a moment ago: queues reach the disk later than messages.
        await RestartAsync(immediate: false);
    }

    public async ValueTask DisposeAsync()
    {
        await broker.DisposeAsync();
        await using var source = NpgsqlDataSource.Create(database);
        await using var drop = source.CreateCommand($"drop schema if exists \"{schema}\" cascade");
        await drop.ExecuteNonQueryAsync();
    }

    [Fact]
    public async Task Nothing_is_lost_when_the_broker_is_killed_in_the_middle_and_duplicates_carry_their_first_id()
    {
        const int Count = 20_000;
        await using var application = Application();
        var store = application.GetRequiredService<PostgreSqlEventStore>();
        await store.Schema.InstallAsync(Cancellation);
        var serializer = application.GetRequiredService<EventSerializer>();
        var last = LogPosition.Start;
        foreach (var numbers in Enumerable.Range(1, Count).Chunk(500))
        {
            last = (await store.AppendAsync(
                "order-1", ExpectedVersion.Any, [.. numbers.Select(number => serializer.Serialize(new Shipped(number)))], Cancellation)).Position;
        }

        await broker.StopAsync(immediate: true, Cancellation);
        var hosted = application.GetServices<IHostedService>().ToArray();
        await Task.WhenAll(hosted.Select(service => service.StartAsync(Cancellation)));
        var runner = application.GetRequiredService<PublicMessageRunner>();
        await UntilAsync(status => status.Backlog == Count);
        await broker.StartAsync(Cancellation);
        await UntilAsync(status => status.Backlog < Count * 3 / 4);
        await RestartAsync(immediate: true);
        await UntilAsync(status => status.Backlog < Count / 2);
        await broker.StopAsync(immediate: true, Cancellation);
        await UntilAsync(status => status is { Relay: ConsumerState.Retrying, Backlog: > 0 });
        await broker.StartAsync(Cancellation);
        await runner.WaitForAsync(last, Cancellation);
        await Task.WhenAll(hosted.Select(service => service.StopAsync(Cancellation)));

        await using var queue = await TestQueue.OpenAsync(broker.Address, exchange, "shop.#", Cancellation);
        var taken = (await queue.TakeAllAsync(Cancellation))
            .ConvertAll(one => (Id: Guid.Parse(one.Delivery.BasicProperties.MessageId!), Number: Messages.Number(one.Body)));
        TestContext.Current.TestOutputHelper?.WriteLine($"{taken.Count - Count} duplicates");
        var translator = application.GetRequiredService<Shipments>();
        var expected = await store.ReadAllAsync(cancellationToken: Cancellation)
            .Select((recorded, index) => (translator.Translate(serializer.Deserialize(recorded))[0].Id, index + 1))
            .ToListAsync(Cancellation);
        taken.Distinct().Order().Should().Equal(expected.Order());

        // What was not confirmed went out again as a whole, in order.
        taken.AsEnumerable().Reverse().DistinctBy(one => one.Id).Reverse().Select(one => one.Number).Should().BeInAscendingOrder();

        async Task UntilAsync(Predicate<PublicMessageStatus> isTrue)
        {
            while (!isTrue(await runner.GetStatusAsync(Cancellation)))
            {
                await Task.Delay(5, Cancellation);
            }
        }
    }

    [Fact]
    public async Task A_message_that_no_queue_takes_is_parked_and_the_others_arrive()
    {
        await using var application = Application(options => options.Messages = options.Messages with
        {
            OnPoison = PoisonAction.Park,
            MaxAttempts = 2,
            FirstRetryDelay = TimeSpan.FromMilliseconds(10),
        });
        var store = application.GetRequiredService<PostgreSqlEventStore>();
        await store.Schema.InstallAsync(Cancellation);
        var serializer = application.GetRequiredService<EventSerializer>();
        var last = await store.AppendAsync(
            "order-1", ExpectedVersion.Any, [.. new[] { 1, -2, 3 }.Select(number => serializer.Serialize(new Shipped(number)))], Cancellation);
        var runner = application.GetRequiredService<PublicMessageRunner>();
        using var stop = new CancellationTokenSource();
        var running = runner.RunAsync(stop.Token);

        await runner.WaitForAsync(last.Position, Cancellation);

        var parked = (await runner.ReadParkedAsync(cancellationToken: Cancellation)).Should().ContainSingle().Which;
        parked.Message.Topic.Should().Be("nowhere");
        parked.Error.Should().Contain(parked.Message.Id.ToString());
        await using var queue = await TestQueue.OpenAsync(broker.Address, exchange, "shop.#", Cancellation);
        (await queue.TakeAllAsync(Cancellation)).Select(one => Messages.Number(one.Body)).Distinct().Should().Equal(1, 3);
        await stop.CancelAsync();
        await running;
    }

    private ServiceProvider Application(Action<EventSourcingOptions>? configure = null)
    {
        var services = new ServiceCollection();
        services.AddEventSourcing(configure)
            .UsePostgreSql(database, options => options.Schema = schema)
            .AddRabbitMqPublisher(broker.Address, options => options.Exchange = exchange)
            .AddEvent<Shipped>()
            .AddMessageTranslator<Shipments>();
        return services.BuildServiceProvider();
    }

    private async Task RestartAsync(bool immediate)
    {
        await broker.StopAsync(immediate, Cancellation);
        await broker.StartAsync(Cancellation);
    }

    [EventType("shipped")]
    internal sealed record Shipped(int Number);

    internal sealed record ShippedMessage(int Number);

    internal sealed class Shipments : MessageTranslator
    {
        public Shipments()
            : base("shipments", LogPosition.Start) => On<Shipped>((shipped, envelope) => Message(
                envelope, shipped.Number > 0 ? "shop.order.shipped" : "nowhere", "order-shipped.v1", new ShippedMessage(shipped.Number)));
    }
}
