using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace EventSourcing;

public sealed class EventSerializationTests
{
    private static readonly EventSerializer Serializer = new(new EventTypeRegistry().Add<Placed>());

    [Fact]
    public void Names_are_chosen_and_one_to_one()
    {
        var registry = new EventTypeRegistry().Add<Placed>().Add<Placed>().Add<Paid>("paid");

        registry.NameOf(typeof(Placed)).Should().Be("order-placed");
        registry.TryGetType("paid", out var type).Should().BeTrue();
        type.Should().Be<Paid>();
        FluentActions.Invoking(() => registry.Add<Placed>("paid")).Should().Throw<InvalidOperationException>();
        FluentActions.Invoking(() => registry.Add<Placed>("other")).Should().Throw<InvalidOperationException>();
        FluentActions.Invoking(() => registry.Add<string>("paid")).Should().Throw<InvalidOperationException>();
        FluentActions.Invoking(() => registry.Add<Unnamed>()).Should().Throw<InvalidOperationException>().WithMessage("*EventType*");
        FluentActions.Invoking(() => registry.Add<Unnamed>("")).Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => registry.NameOf(typeof(Unnamed))).Should().Throw<InvalidOperationException>().WithMessage("*AddEvent*");
        registry.NameOf(typeof(Paid)).Should().Be("paid", "a refused registration changes nothing");
    }

    [Fact]
    public void An_assembly_is_registered_by_its_attributes()
    {
        new EventTypeRegistry().AddFrom(typeof(Placed).Assembly).NameOf(typeof(Placed)).Should().Be("order-placed");
        FluentActions.Invoking(() => new EventTypeRegistry().AddFrom(typeof(string).Assembly)).Should().Throw<InvalidOperationException>();
    }

    [Fact]
    public void Payloads_are_camel_cased_json_with_money_as_written()
    {
        var data = Serializer.Serialize(new Placed("A-1", 2.50m));

        Encoding.UTF8.GetString(data.Data.Span).Should().Be("""{"orderId":"A-1","total":2.50}""");
        data.Type.Should().Be("order-placed");
        data.Metadata.IsEmpty.Should().BeTrue();
        data.Id.Version.Should().Be(7);
    }

    [Fact]
    public void The_payloads_form_and_a_generated_context_are_yours()
    {
        var serializer = new EventSerializer(
            new EventTypeRegistry().Add<Placed>(), new JsonSerializerOptions { TypeInfoResolver = Context.Default, PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseUpper });

        Encoding.UTF8.GetString(serializer.Serialize(new Placed("A-1", 1)).Data.Span).Should().Be("""{"ORDER_ID":"A-1","TOTAL":1}""");
        FluentActions.Invoking(() => serializer.Serialize(new Placed("\ud800", 1))).Should().Throw<EventSerializationException>().WithMessage("*lone surrogate*");
    }

    [Theory]
    [InlineData("""{"text":null}""")]
    [InlineData("{}")]
    [InlineData("""{"text":""}""")]
    public void What_a_class_throws_on_a_payload_is_told_with_its_place(string json)
    {
        var serializer = new EventSerializer(new EventTypeRegistry().Add<Careless>());
        var recorded = new RecordedEvent
        {
            Stream = "note-1", Version = new StreamVersion(3), Position = new LogPosition(7), Id = Guid.NewGuid(), Type = "careless",
            Data = Encoding.UTF8.GetBytes(json), Metadata = default, RecordedAt = default,
        };

        var failure = FluentActions.Invoking(() => serializer.Deserialize(recorded)).Should().Throw<EventSerializationException>().Which;

        (failure.EventType, failure.Stream, failure.Version, failure.Position).Should().Be(
            ("careless", (StreamName?)"note-1", (StreamVersion?)new StreamVersion(3), (LogPosition?)new LogPosition(7)));
        FluentActions.Invoking(() => serializer.Serialize(new Careless("fine") { IsBroken = true })).Should().Throw<EventSerializationException>();
    }

    [Fact]
    public void Metadata_is_one_flat_object()
    {
        var metadata = new EventMetadata
        {
            CommandId = "c",
            CorrelationId = "k",
            Actor = "a",
            Custom = new Dictionary<string, string> { ["tenant"] = "t" },
        };

        var data = Serializer.Serialize(new Placed("A-1", 1), metadata);

        Encoding.UTF8.GetString(data.Metadata.Span).Should().Be("""{"commandId":"c","correlationId":"k","actor":"a","tenant":"t"}""");
    }

    [Fact]
    public void Metadata_of_others_is_read_as_far_as_it_goes()
    {
        var metadata = EventMetadataJson.Read("""{"correlationId":7,"actor":null,"nested":{"a":[1]},"flag":true,"none":null}"""u8);

        metadata.CorrelationId.Should().Be("7");
        metadata.Actor.Should().BeNull();
        metadata.Custom.Should().BeEquivalentTo(new Dictionary<string, string> { ["nested"] = """{"a":[1]}""", ["flag"] = "true" });
    }

    [Fact]
    public void Bad_metadata_is_refused()
    {
        // In code and not in attributes, whose strings are kept as UTF-8.
        var lone = "lone" + '\ud800';
        foreach (var (key, value) in new[] { ("actor", "x"), ("own", lone), (lone, "x"), ("own", null!) })
        {
            var metadata = new EventMetadata { Custom = new Dictionary<string, string> { [key] = value } };
            FluentActions.Invoking(() => Serializer.Serialize(new Placed("A-1", 1), metadata)).Should().Throw<ArgumentException>();
        }
    }

    [EventType("order-placed")]
    internal sealed record Placed(string OrderId, decimal Total);

    private sealed record Paid;

    private sealed record Unnamed;

    [EventType("careless")]
    private sealed record Careless(string Text)
    {
        private readonly char first = Text[0];

        [JsonIgnore]
        public bool IsBroken { get; init; }

        public int Code => IsBroken ? throw new KeyNotFoundException("broken on purpose") : first;
    }
}

[JsonSerializable(typeof(EventSerializationTests.Placed))]
internal sealed partial class Context : JsonSerializerContext;
