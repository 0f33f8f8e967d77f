using System.Text;
using EventSourcing.InMemory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace EventSourcing;

/// <summary>What a translator makes of an event, and how one becomes part of an application.</summary>
public sealed class MessageTranslatorTests
{
    private static readonly EventSerializer Serializer = new(new EventTypeRegistry().Add<Told>());

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    // What has been published once must be recognised for ever: these values never change.
    [Theory]
    [InlineData("order-messages", 0, "e60df882-ae2d-8b82-9a90-4dd17687d507")]
    [InlineData("order-messages", 1, "f89d304d-604b-8aff-acab-a335d3e0575e")]
    [InlineData("größe", 0, "e9dbbd76-060c-87cb-b5f0-0b53245b8fda")]
    public void The_id_of_a_message_is_made_from_the_translators_name_the_events_id_and_its_place(string translator, int ordinal, string id) =>
        new Telling(translator).Translate(Envelope("{}"))[ordinal].Id.Should().Be(Guid.Parse(id));

    [Fact]
    public void What_a_handler_has_stated_stands_and_what_it_has_left_out_comes_from_the_event()
    {
        var envelope = Envelope("""{"correlationId":"conversation","traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}""");

        var messages = new Telling("telling").Translate(envelope);

        messages.Select(message => message.Key).Should().Equal("told-1", "key");
        messages.Select(message => message.CorrelationId).Should().Equal("conversation", "correlation");
        messages.Select(message => message.CausationId).Should().Equal(envelope.Id.ToString(), "cause");
        messages.Select(message => message.TraceParent).Should().Equal(envelope.Metadata.TraceParent, "trace");
        messages.Select(message => message.OccurredAt).Should().Equal(envelope.RecordedAt, DateTimeOffset.UnixEpoch);
        Encoding.UTF8.GetString(messages[0].Body.Span).Should().Be("""{"text":"hello","number":17}""");
    }

    [Theory]
    [InlineData("")]
    [InlineData("\\u0000")]
    [InlineData("ääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääää")]
    public void A_correlation_that_no_broker_can_carry_is_left_out_and_stops_nothing(string correlation) =>
        new Telling("telling").Translate(Envelope($$"""{"correlationId":"{{correlation}}"}"""))[0].CorrelationId.Should().BeNull();

    [Fact]
    public void A_handler_that_fails_names_the_event()
    {
        var translate = () => new Telling("telling", isBroken: true).Translate(Envelope("{}"));

        translate.Should().Throw<EventHandlingException>().Which.Stream.Should().Be(new StreamName("told-1"));
    }

    [Fact]
    public void Mistakes_are_told_when_they_are_made()
    {
        FluentActions.Invoking(() => new Telling(PublicMessageRunner.RelayName)).Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => new Telling("")).Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => Runner(new Silent())).Should().Throw<ArgumentException>().WithMessage("*silent*no handler*");
        FluentActions.Invoking(() => Runner(new Telling("one"), new Telling("one"))).Should().Throw<ArgumentException>().WithMessage("*'one'*");
        var builder = new ServiceCollection().AddEventSourcing().UseInMemory().AddMessageTranslator<Hosted>();
        FluentActions.Invoking(() => builder.AddMessageTranslator<Hosted>()).Should().Throw<InvalidOperationException>();
        using var provider = builder.Services.BuildServiceProvider();
        FluentActions.Invoking(provider.GetRequiredService<PublicMessageRunner>).Should().Throw<InvalidOperationException>().WithMessage("*AddRabbitMqPublisher*");
    }

    [Fact]
    public async Task An_event_goes_to_the_broker_in_a_hosted_application()
    {
        var broker = new Broker();
        var builder = Host.CreateApplicationBuilder();
        builder.Services.AddSingleton<IMessagePublisher>(broker);
        builder.Services.AddEventSourcing().UseInMemory().AddEvent<Told>().AddMessageTranslator<Hosted>();
        using var host = builder.Build();
        await host.StartAsync(Cancellation);

        var stored = await host.Services.GetRequiredService<IRepository>()
            .ExecuteAsync("told-1", 0, (count, _) => count + 1, _ => [new Told("hello")], cancellationToken: Cancellation);
        await host.Services.GetRequiredService<PublicMessageRunner>()
            .WaitForAsync(stored.Position, Cancellation).WaitAsync(TimeSpan.FromSeconds(60), Cancellation);

        broker.Taken.Should().ContainSingle().Which.Topic.Should().Be("talk.told");
        await host.StopAsync(Cancellation);
    }

    private static EventEnvelope Envelope(string metadata) => Serializer.Deserialize(new RecordedEvent
    {
        Stream = "told-1",
        Version = new StreamVersion(1),
        Position = new LogPosition(1),
        Id = Guid.Parse("01890a5d-ac96-774b-bcce-b302099a8057"),
        Type = "told",
        Data = """{"text":"hello"}"""u8.ToArray(),
        Metadata = Encoding.UTF8.GetBytes(metadata),
        RecordedAt = new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero),
    });

    private static PublicMessageRunner Runner(params MessageTranslator[] translators)
    {
        var consumers = new InMemoryConsumerStore();
        return new PublicMessageRunner(new InMemoryEventStore(), Serializer, translators, new InMemoryOutbox(consumers), new Broker(), consumers);
    }

    [EventType("told")]
    internal sealed record Told(string Text);

    internal sealed record ToldMessage(string Text, int Number);

    internal sealed class Hosted : MessageTranslator
    {
        public Hosted()
            : base("hosted", LogPosition.Start) => On<Told>((told, envelope) => Message(envelope, "talk.told", "told.v1", told.Text));
    }

    private sealed class Telling : MessageTranslator
    {
        public Telling(string name, bool isBroken = false)
            : base(name) => OnEach<Told>((told, envelope) => isBroken
                ? throw new NotSupportedException("broken")
                :
                [
                    Message(envelope, "talk.told", "told.v1", new ToldMessage(told.Text, 17)),
                    Message(envelope, "talk.told", "told.v1", new ToldMessage(told.Text, 18)) with
                    {
                        Id = Guid.NewGuid(),
                        Key = "key",
                        CorrelationId = "correlation",
                        CausationId = "cause",
                        TraceParent = "trace",
                        OccurredAt = DateTimeOffset.UnixEpoch,
                    },
                ]);
    }

    private sealed class Silent() : MessageTranslator("silent");

    private sealed class Broker : IMessagePublisher
    {
        private readonly System.Collections.Concurrent.ConcurrentQueue<PublicMessage> taken = new();

        public IReadOnlyCollection<PublicMessage> Taken => taken;

        public Task PublishAsync(IReadOnlyList<PublicMessage> messages, CancellationToken cancellationToken = default)
        {
            foreach (var message in messages)
            {
                taken.Enqueue(message);
            }

            return Task.CompletedTask;
        }
    }
}
