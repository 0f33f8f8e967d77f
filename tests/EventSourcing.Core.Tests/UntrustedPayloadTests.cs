using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace EventSourcing;

/// <summary>What a payload may do to whoever reads it: nothing but fill the class that the registry names.</summary>
public sealed class UntrustedPayloadTests
{
    private static readonly EventTypeRegistry Types = new EventTypeRegistry().Add<Noted>().Add<Nested>().Add<Chosen>();

    [Theory]
    [InlineData("""{"$type":"EventSourcing.UntrustedPayloadTests+Trap, EventSourcing.Core.Tests","anything":1}""")]
    [InlineData("""{"anything":{"$type":"EventSourcing.UntrustedPayloadTests+Trap, EventSourcing.Core.Tests"}}""")]
    [InlineData("""{"anything":{"$id":"1","$values":[{"$ref":"1"}]}}""")]
    public void A_type_name_in_a_payload_makes_nothing(string payload)
    {
        Trap.Made = 0;

        var noted = Read("noted-anything", payload).Should().BeOfType<Noted>().Which;

        noted.Anything.Should().BeOfType<JsonElement>("it is left as the text that it is");
        Trap.Made.Should().Be(0);
    }

    [Theory]
    [InlineData("""{"choice":{"kind":"trap"}}""")]
    [InlineData("""{"choice":{"kind":"EventSourcing.UntrustedPayloadTests+Trap"}}""")]
    public void Of_classes_that_a_payload_may_choose_from_it_gets_no_other(string payload)
    {
        Trap.Made = 0;

        FluentActions.Invoking(() => Read("chosen", payload)).Should().Throw<EventSerializationException>();

        Read("chosen", """{"choice":{"kind":"yes"}}""").Should().Be(new Chosen(new Yes()));
        Trap.Made.Should().Be(0);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(10)]
    [InlineData(200)]
    public void What_can_be_written_can_be_read_however_deep_it_is(int? maxDepth)
    {
        var serializer = new EventSerializer(Types, new JsonSerializerOptions { MaxDepth = maxDepth ?? 0 });
        var limit = maxDepth ?? 64;
        foreach (var depth in Enumerable.Range(1, limit + 8).Append(500))
        {
            object[] events = [new Noted(JsonNode.Parse(Deep(depth), documentOptions: new JsonDocumentOptions { MaxDepth = 1_000 })), new Noted(JsonDocument.Parse(Deep(depth), new JsonDocumentOptions { MaxDepth = 1_000 }).RootElement), Nested.Of(depth)];
            foreach (var @event in events)
            {
                EventData written;
                try
                {
                    written = serializer.Serialize(@event);
                }
                catch (EventSerializationException refused)
                {
                    depth.Should().BeGreaterThanOrEqualTo(limit - 1, refused.Message);
                    continue;
                }

                serializer.Deserialize(Recorded(written)).Event.Should().NotBeNull($"{@event.GetType().Name} was written with {depth} levels");
            }
        }
    }

    [Fact]
    public void Brackets_in_text_are_no_levels()
    {
        var serializer = new EventSerializer(Types);
        var noted = new Noted(new string('[', 1_000));

        serializer.Deserialize(Recorded(serializer.Serialize(noted))).Event.Should().BeOfType<Noted>().Which.Anything!.ToString().Should().Be((string)noted.Anything!);
    }

    [Fact]
    public void A_payload_that_is_too_deep_is_refused_and_costs_no_stack()
    {
        FluentActions.Invoking(() => Read("noted-anything", $$"""{"anything":{{Deep(100_000)}}}""")).Should().Throw<EventSerializationException>();
    }

    private static string Deep(int depth) => new string('[', depth) + new string(']', depth);

    private static object Read(string type, string payload) => new EventSerializer(Types).Deserialize(Recorded(type, Encoding.UTF8.GetBytes(payload))).Event;

    private static RecordedEvent Recorded(EventData data) => Recorded(data.Type, data.Data);

    private static RecordedEvent Recorded(string type, ReadOnlyMemory<byte> payload) => new()
    {
        Stream = "a-1",
        Version = new StreamVersion(1),
        Position = new LogPosition(1),
        Id = Guid.CreateVersion7(),
        Type = type,
        Data = payload,
        Metadata = default,
        RecordedAt = DateTimeOffset.UnixEpoch,
    };

    [EventType("noted-anything")]
    private sealed record Noted(object? Anything);

    [EventType("nested")]
    private sealed class Nested
    {
        public Nested? Inner { get; init; }

        public static Nested Of(int depth)
        {
            Nested? inner = null;
            for (var i = 0; i < depth; i++)
            {
                inner = new Nested { Inner = inner };
            }

            return inner!;
        }
    }

    [EventType("chosen")]
    private sealed record Chosen(Choice Choice);

    [JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
    [JsonDerivedType(typeof(Yes), "yes")]
    private abstract record Choice;

    private sealed record Yes : Choice;

    public sealed class Trap : IDisposable
    {
        public Trap() => Made++;

        public static int Made { get; set; }

        public void Dispose()
        {
        }
    }
}
