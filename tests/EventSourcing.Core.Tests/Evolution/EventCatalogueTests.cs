using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace EventSourcing;

/// <summary>What the catalogue says of the contracts that are stored.</summary>
public sealed class EventCatalogueTests
{
    [Fact]
    public void It_lists_names_versions_schemas_and_what_is_lifted_to_what()
    {
        var types = new EventTypeRegistry().Add<Paid>().Add<Left>("left").Add<Old>("old");
        types.Upcasters.AddJson("paid", "paid@2").AddJsonMany("noise", (_, _) => []).Add<Old, Step>(_ => new Step()).Add<Step, Left>(_ => new Left(null, []));

        var catalogue = EventCatalogue.Of(new EventSerializer(types));

        catalogue.Events.Select(contract => contract.StoredName).Should().Equal("left", "noise", "old", "paid", "paid@2");
        catalogue.Events.Select(contract => contract.LiftedTo.SingleOrDefault()).Should().Equal(null, null, "left", "paid@2", null);
        catalogue.ToString().Should().Contain("\"noise\": {\n    \"liftedTo\": []\n  }").And.NotContain(nameof(Step), "names of classes may change");
    }

    [Theory]
    [InlineData("amount", """{"type":"number","format":"decimal"}""")]
    [InlineData("count", """{"type":"integer","format":"int32"}""")]
    [InlineData("total", """{"type":["integer","null"],"format":"int64"}""")]
    [InlineData("way", """{"type":"integer","$comment":"0 = Cash, 5 = Card, -1 = Unknown"}""")]
    [InlineData("other", """{"type":["integer","null"],"$comment":"0 = Cash, 5 = Card, -1 = Unknown"}""")]
    [InlineData("mood", """{"enum":["Good","Bad"]}""")]
    [InlineData("at", """{"type":"string","format":"date-time"}""")]
    [InlineData("id", """{"type":"string","format":"uuid"}""")]
    [InlineData("seal", """{"type":"string","format":"base64"}""")]
    [InlineData("currency", """{"type":"string","default":"EUR"}""")]
    public void What_a_change_of_a_member_would_lose_is_in_its_schema(string member, string schema)
    {
        var contract = EventCatalogue.Of(new EventSerializer(new EventTypeRegistry().Add<Paid>())).Events.Single();

        contract.Schema!["properties"]![member]!.ToJsonString().Should().Be(schema);
        contract.Schema["required"]!.AsArray().Select(name => (string?)name).Should().BeEquivalentTo(
            "amount", "count", "total", "way", "other", "mood", "at", "id", "seal", "by");
    }

    [Fact]
    public void Classes_that_hold_themselves_and_classes_of_many_kinds_have_schemas()
    {
        var text = EventCatalogue.Of(new EventSerializer(new EventTypeRegistry().Add<Left>("left"))).ToString();

        text.Should().Contain("\"$ref\": \"#/properties/tree").And.Contain("\"const\": \"circle\"").And.Contain("\"const\": \"square\"");
    }

    [Fact]
    public void The_text_is_the_same_on_each_machine_and_in_each_run()
    {
        var here = EventCatalogue.Of(new EventSerializer(new EventTypeRegistry().Add<Paid>().Add<Left>("Ileft").Add<Old>("ıold"))).ToString();
        var before = CultureInfo.CurrentCulture;
        try
        {
            var elsewhere = (CultureInfo)CultureInfo.InvariantCulture.Clone();
            elsewhere.NumberFormat.NegativeSign = "minus ";
            elsewhere.NumberFormat.NumberDecimalSeparator = ",";
            CultureInfo.CurrentCulture = elsewhere;

            EventCatalogue.Of(new EventSerializer(new EventTypeRegistry().Add<Old>("ıold").Add<Left>("Ileft").Add<Paid>())).ToString().Should().Be(here);
            here.Should().NotContain("\r").And.EndWith("}\n");
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void The_options_of_the_application_show()
    {
        var upper = new JsonSerializerOptions { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseUpper };

        EventCatalogue.Of(new EventSerializer(new EventTypeRegistry().Add<Old>("old"), upper)).ToString().Should().Contain("\"NAME\"");
    }

    [Fact]
    public void A_class_that_cannot_be_written_is_named() =>
        FluentActions.Invoking(() => EventCatalogue.Of(new EventSerializer(new EventTypeRegistry().Add<Twofold>("twofold"))))
            .Should().Throw<InvalidOperationException>().WithMessage("*'twofold'*Twofold*");

    [Fact]
    public void All_classes_of_an_assembly_are_taken() =>
        EventCatalogue.Of(typeof(Paid).Assembly).Events.Select(contract => contract.Type).Should().Contain(typeof(Paid)).And.NotContain(typeof(Old));

    private enum Way
    {
        Unknown = -1,
        Cash,
        Card = 5,
    }

    [JsonConverter(typeof(JsonStringEnumConverter<Mood>))]
    private enum Mood
    {
        Good,
        Bad,
    }

    [EventType("paid", Version = 2)]
    private sealed record Paid(decimal Amount, int Count, long? Total, Way Way, Way? Other, Mood Mood, DateTimeOffset At, Guid Id, byte[] Seal, string Currency = "EUR", double Rate = -1.5)
    {
        public required string By { get; init; }
    }

    private sealed record Left(Node? Tree, Shape[] Shapes);

    private sealed record Node(string Name, Node[] Children, Node? Parent);

    [JsonDerivedType(typeof(Circle), "circle")]
    [JsonDerivedType(typeof(Square), "square")]
    private abstract record Shape;

    private sealed record Circle(double Radius) : Shape;

    private sealed record Square(float Side) : Shape;

    private sealed record Old(string Name);

    private sealed record Step;

    private sealed record Twofold([property: JsonPropertyName("one")] string First, [property: JsonPropertyName("one")] string Second);
}
